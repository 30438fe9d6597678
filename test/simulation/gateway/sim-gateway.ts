import { mayTryAgain } from '../../../libs/ai-routing/src/fail-over.js';
import { RetryBudget } from '../../../libs/ai-routing/src/retry-budget.js';
import type { EventQueue } from '../engine/event-queue.js';
import type { Witness } from '../figures/witness.js';
import type { CallEnd, Pick, Policy } from '../policies/policy.js';
import type { SimAnswer, SimProvider } from '../provider/sim-provider.js';
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

/** What the real shell does around a policy: choose, send, settle, go on to the next account, refuse. */
export class SimGateway {
  private readonly retries = new RetryBudget();

  constructor(
    private readonly events: EventQueue,
    private readonly provider: SimProvider,
    private readonly policy: Policy,
    private readonly witness: Witness,
  ) {}

  /** A caller has sent a call. */
  arrive(call: SimCall): void {
    this.witness.noteCall(call);
    this.retries.noteCall(this.events.nowMs);
    this.attempt({ call, tried: new Set(), arrivedMs: this.events.nowMs, waitedMs: 0, failures: 0 });
  }

  private attempt(visit: Visit): void {
    const { nowMs } = this.events;
    const choice = this.policy.choose(visit.call, visit.tried, nowMs);
    if (choice.kind === 'picked') this.send(visit, choice.pick);
    else if (visit.failures > 0) this.witness.noteBroken(visit.call);
    else this.witness.noteRefused(visit.call, this.couldServe(visit));
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
      }
      this.events.at(answer.endsMs + call.wireMs, () => this.answered(visit, pick, answer, sentMs));
    });
  }

  private answered(visit: Visit, pick: Pick, answer: SimAnswer, sentMs: number): void {
    const { nowMs } = this.events;
    const { call } = visit;
    const end: CallEnd = { ...answer, call };
    this.policy.settle(pick, end, nowMs);
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

  private couldServe({ call, tried }: Visit): boolean {
    const { nowMs } = this.events;
    return this.provider.accounts.some(
      (account) =>
        !tried.has(account.truth.id) &&
        this.provider.faultOf(account, nowMs) === null &&
        account.roomFor(call, nowMs) > 0,
    );
  }
}
