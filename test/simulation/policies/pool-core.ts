import type { AnswerHold } from '#ai-provider';
import { asId, type AccountId, type LimitReading, type ProviderFailure } from '#kernel';
import {
  AccountPool,
  accountStatuses,
  FairQueue,
  HeldAnswers,
  noteLimits,
  OutputEstimate,
  placementIn,
  recordProbe,
  selectAccount,
  settle,
  type AccountSpec,
  type Ask,
  type FairQueueOptions,
  type Outcome,
  type PoolOptions,
  type Reservation,
  type WaitRequest,
} from '#pool-core';
import { ProbePlan } from '../../../libs/provider-account-pool/src/health/probe-plan.js';
import { Dice } from '../engine/dice.js';
import type { EventQueue } from '../engine/event-queue.js';
import type { CallEnd, Pick, Policy, Seeker } from './policy.js';

const model = 'sim-model';

interface PooledPick extends Pick {
  readonly reservation: Reservation;
}

interface SeekerWaits extends WaitRequest {
  readonly seeker: Seeker;
}

/** Settings of the pool and of its waiting room; what is left out is the default. */
export interface PoolCoreOptions {
  readonly pool?: Partial<PoolOptions>;
  readonly queue?: Partial<FairQueueOptions>;
  /** What the adapter of the provider says. */
  readonly answerHold?: AnswerHold | null;
  /** Of a token, whoever makes it; `null` when nobody knows. */
  readonly tokenNanoUsd?: number | null;
  /** Of a caller by its rank. Default 1. */
  readonly callerWeight?: (caller: number) => number;
  /** How long a caller may be kept waiting, by its rank, ms. Default as long as the pool allows. */
  readonly patienceMs?: (caller: number) => number;
}

/** How often the health monitor looks whose turn it is, and how long a probe takes. */
const probeTickMs = 5_000;
const probeMs = 300;

/** The real thing, through its door, with what the real shell does around it: estimates, the waiting room and its timer. */
export class PoolCorePolicy implements Policy {
  readonly name = 'pool-core';
  readonly mostRetries = Infinity;
  private readonly pool: AccountPool;
  private readonly queue: FairQueue<SeekerWaits>;
  private readonly outputs = new OutputEstimate();
  private readonly heldAnswers = new HeldAnswers();
  private readonly dice: Dice;
  private wakeAtMs = Infinity;

  constructor(
    private readonly events: EventQueue,
    specs: readonly AccountSpec[],
    private readonly options: PoolCoreOptions,
    seed: number,
  ) {
    this.pool = new AccountPool(options.pool);
    this.pool.replaceAccounts(specs, events.nowMs);
    this.dice = new Dice(seed, 'pool-core');
    this.queue = new FairQueue(placementIn(this.pool, this.dice.next), options.queue);
  }

  seek(seeker: Seeker): void {
    const { nowMs } = this;
    const { callerWeight, patienceMs } = this.options;
    const ask = this.askOf(seeker);
    const { caller, arriveMs } = seeker.call;
    const request = {
      seeker,
      ask,
      callerId: String(caller),
      callerWeight: callerWeight?.(caller) ?? 1,
      deadlineMs: Math.max(nowMs, arriveMs + (patienceMs?.(caller) ?? Infinity)),
    };
    if (this.queue.size === 0) {
      const decision = selectAccount(this.pool, ask, nowMs, this.dice.next);
      if (decision.kind === 'selected') {
        this.queue.noteGrant(request, ask, nowMs);
        return seeker.picked(pickOf(decision.reservation));
      }
    }
    this.queue.enter(request, nowMs);
    this.pump();
  }

  hear(pick: Pick, limits: readonly LimitReading[]): void {
    noteLimits(this.pool, (pick as PooledPick).reservation, limits, this.nowMs);
    if (this.queue.size > 0) this.pump();
  }

  settle(pick: Pick, end: CallEnd): void {
    const { reservation } = pick as PooledPick;
    settle(this.pool, reservation, outcomeOf(end), this.nowMs, this.dice.next);
    if (end.kind === 'served') this.outputs.learn(String(end.call.caller), model, end.call.outputTokens);
    else this.learnHold(reservation, end);
    if (this.queue.size > 0) this.pump();
  }

  private learnHold(
    { inputTokens, outputTokens }: Reservation,
    end: Extract<CallEnd, { kind: 'failed' }>,
  ): void {
    const { maxOutputTokens } = end.call;
    const call = { provider: this.name, model, maxOutputTokens, inputTokens, outputTokens };
    this.heldAnswers.learn(call, end, this.nowMs);
  }

  /**
   * Probes accounts as the health monitor does, until the load ends.
   *
   * @param test what a test of an account comes to; `null` when it passes
   */
  probe(test: (accountId: string) => ProviderFailure | null, untilMs: number): void {
    const plan = new ProbePlan(this.dice.next);
    const tick = (): void => {
      const held = accountStatuses(this.pool, this.nowMs)
        .filter(({ machine }) => machine.kind !== 'closed')
        .map(({ accountId, machine }) => ({ accountId, state: machine }));
      for (const id of plan.due(held, this.nowMs)) {
        this.events.after(probeMs, () => {
          const failure = test(id);
          const result = failure === null ? ({ ok: true } as const) : ({ ok: false, failure } as const);
          recordProbe(this.pool, id, result, this.nowMs, this.dice.next);
          if (this.queue.size > 0) this.pump();
        });
      }
      if (this.nowMs + probeTickMs < untilMs) this.events.after(probeTickMs, tick);
    };
    tick();
  }

  leftovers(): string[] {
    const waiting = this.queue.size === 0 ? [] : [`${this.queue.size} wait`];
    const held = this.pool.accounts.flatMap(({ id, inFlight, windows }) => [
      ...(inFlight === 0 ? [] : [`${id}: ${inFlight} in flight`]),
      ...windows.limited
        .filter(({ reserved }) => reserved !== 0)
        .map(({ reserved, name }) => `${id}: ${reserved} reserved of ${name}`),
    ]);
    return [...waiting, ...held];
  }

  private get nowMs(): number {
    return this.events.nowMs;
  }

  private askOf({ call, tried }: Seeker): Ask {
    const { answerHold } = this.options;
    return {
      model,
      inputTokens: call.estimatedInputTokens,
      outputTokens: this.outputs.of(String(call.caller), model, call.maxOutputTokens),
      heldOutputTokens: answerHold
        ? (call.maxOutputTokens ?? answerHold.unboundedTokens)
        : this.heldAnswers.of(this.name, model, call.maxOutputTokens, this.nowMs),
      price: priceOf(this.options.tokenNanoUsd ?? null),
      affinity: call.conversation === null ? null : String(call.conversation),
      patientUntilMs: this.nowMs + 1_500,
      exclude: tried as ReadonlySet<AccountId>,
    };
  }

  private pump(): void {
    const { granted, refused, wakeAtMs } = this.queue.pump(this.nowMs);
    this.wakeAtMs = wakeAtMs ?? Infinity;
    if (wakeAtMs !== null) this.events.at(wakeAtMs, () => this.wake(wakeAtMs));
    for (const { waiting, reservation } of granted) waiting.request.seeker.picked(pickOf(reservation));
    for (const { waiting, retryAtMs } of refused) waiting.request.seeker.refused(retryAtMs);
  }

  /** Timers that a later pump has replaced do nothing. */
  private wake(forMs: number): void {
    if (forMs === this.wakeAtMs) this.pump();
  }
}

const pickOf = (reservation: Reservation): PooledPick => ({ accountId: reservation.accountId, reservation });

const priceOf = (nanoUsd: number | null): Ask['price'] =>
  nanoUsd === null ? null : { inputNanoUsd: nanoUsd, cachedInputNanoUsd: nanoUsd, outputNanoUsd: nanoUsd };

function outcomeOf(end: CallEnd): Outcome {
  const { limits } = end;
  if (end.kind === 'failed') return { kind: 'failed', failure: end.failure, tokens: null, limits };
  const { call, firstByteMs } = end;
  const tokens = { input: call.inputTokens, output: call.outputTokens, cachedInput: 0, reasoning: 0 };
  return { kind: 'succeeded', tokens, limits, firstByteMs };
}

/** An account as an operator would configure it. */
export function specOf(
  id: string,
  weight: number,
  limits: AccountSpec['limits'],
  quotaGroup: AccountSpec['quotaGroup'],
): AccountSpec {
  return {
    id: asId<'Account'>(id),
    weight,
    tier: 1,
    human: { kind: 'enabled' },
    credentialUsable: true,
    limits,
    quotaGroup,
    budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
    costFactor: 1,
    models: { allow: [], deny: [] },
  };
}
