import { mayTryAgain } from '../../../libs/ai-routing/src/fail-over.js';
import { RetryBudget } from '../../../libs/ai-routing/src/retry-budget.js';
import type { EventQueue } from '../engine/event-queue.js';
import type { Absence, Witness } from '../figures/witness.js';
import type { CallEnd, Pick, Policy } from '../policies/policy.js';
import { Idleness } from '../provider/idleness.js';
import type { SimAnswer, SimProvider } from '../provider/sim-provider.js';
import type { Scenario } from '../scenario.js';
import type { SimCall } from '../workload/sim-call.js';

/** One call on its way through the gateway. */
interface Visit {
  readonly call: SimCall;
  readonly tried: Set<string>;
  readonly arrivedMs: number;
  /** Time spent waiting for an account. */
  waitedMs: number;
  failures: number;
}

interface WatchedAbsence extends Absence {
  couldServeMs: number | null;
}

const mostReturns = 3;
/** Looks at whether a call that was sent away could have been served, while it is away. */
const looks = 50;

/** What the real shell does around a policy: choose, send, settle, go on to the next account, refuse. */
export class SimGateway {
  private readonly retries = new RetryBudget();
  private readonly idleness: Idleness;
  /** Calls of the measured span whose callers were told to come back and have not yet. */
  measuredAway = 0;

  constructor(
    private readonly events: EventQueue,
    private readonly provider: SimProvider,
    private readonly policy: Policy,
    private readonly witness: Witness,
    private readonly scenario: Scenario,
  ) {
    this.idleness = new Idleness(provider);
  }

  /** A caller has sent a call. */
  arrive(call: SimCall): void {
    this.witness.noteCall(call);
    this.retries.noteCall(this.events.nowMs);
    this.attempt({ call, tried: new Set(), arrivedMs: this.events.nowMs, waitedMs: 0, failures: 0 });
  }

  private attempt(visit: Visit): void {
    const { call, tried } = visit;
    const soughtMs = this.events.nowMs;
    this.idleness.noteWaiting(call, 1);
    const ended = (): void => {
      this.idleness.noteWaiting(call, -1);
      visit.waitedMs += this.events.nowMs - soughtMs;
    };
    this.policy.seek({
      call,
      tried,
      picked: (pick) => {
        ended();
        this.send(visit, pick);
      },
      refused: (retryAtMs) => {
        ended();
        this.refused(visit, retryAtMs);
      },
    });
  }

  private send(visit: Visit, pick: Pick): void {
    const { call, tried } = visit;
    const sentMs = this.events.nowMs;
    const account = this.provider.account(pick.accountId);
    tried.add(pick.accountId);
    account.noteSent(call);
    this.witness.noteSent(call);
    this.events.after(call.wireMs, () => {
      const { nowMs } = this.events;
      const wasWarm = call.conversation !== null && account.cache.isWarm(call.conversation, nowMs);
      const answer = this.provider.receive(account, call, nowMs);
      if (answer.kind === 'served') {
        this.witness.noteAdmitted(call, account, wasWarm, nowMs);
        this.events.at(answer.endsMs, () => account.end(call, this.events.nowMs));
        if (call.streams) {
          this.events.at(nowMs + answer.firstByteMs + call.wireMs, () =>
            this.policy.hear(pick, answer.limits),
          );
        }
      }
      this.events.at(answer.endsMs + call.wireMs, () => this.answered(visit, pick, answer, sentMs));
    });
  }

  private answered(visit: Visit, pick: Pick, answer: SimAnswer, sentMs: number): void {
    const { nowMs } = this.events;
    const { call } = visit;
    const end: CallEnd = { ...answer, call };
    this.policy.settle(pick, end);
    if (answer.kind === 'served') {
      this.witness.noteServed(call, visit.waitedMs, nowMs - visit.arrivedMs);
      return;
    }
    this.witness.noteFailure(call, pick.accountId, answer.fault, sentMs, nowMs);
    visit.failures += 1;
    if (this.mayGoOn(visit, answer)) this.attempt(visit);
    else this.witness.noteBroken(call);
  }

  private mayGoOn({ failures }: Visit, { failure }: Extract<SimAnswer, { kind: 'failed' }>): boolean {
    if (failures > this.policy.mostRetries) return false;
    const verdict = mayTryAgain('chat_completions', failure.class);
    return verdict === 'free' || (verdict === 'budgeted' && this.retries.tryRetry(this.events.nowMs));
  }

  private refused({ call, failures, tried, waitedMs }: Visit, retryAtMs: number | null): void {
    if (retryAtMs === null && failures > 0) return this.witness.noteBroken(call);
    const { nowMs } = this.events;
    const isInVain = this.idleness.couldServe(call, tried, nowMs);
    this.witness.noteRefused(call, waitedMs, isInVain, this.idleness.share(this.scenario.counted, nowMs));
    if (!this.scenario.callersReturn || retryAtMs === null || call.returns === mostReturns) return;
    const awayMs = 1_000 * Math.max(1, Math.ceil((retryAtMs - nowMs) / 1_000));
    const returned = { ...call, returns: call.returns + 1 };
    const absence: WatchedAbsence = { fromMs: nowMs, untilMs: nowMs + awayMs, couldServeMs: null };
    this.witness.noteAway(call, absence);
    this.lookOut(returned, absence);
    const measured = this.witness.isMeasured(call) ? 1 : 0;
    this.measuredAway += measured;
    this.events.after(awayMs, () => {
      this.measuredAway -= measured;
      this.arrive(returned);
    });
  }

  /** Watches for the first moment at which a call that was sent away could have been served. */
  private lookOut(call: SimCall, absence: WatchedAbsence): void {
    const { nowMs } = this.events;
    if (nowMs >= absence.untilMs) return;
    if (this.idleness.couldServe(call, new Set(), nowMs)) absence.couldServeMs = nowMs;
    else this.events.after((absence.untilMs - absence.fromMs) / looks, () => this.lookOut(call, absence));
  }
}
