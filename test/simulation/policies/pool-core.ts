import { asId, type AccountId } from '#kernel';
import {
  AccountPool,
  selectAccount,
  settle,
  type AccountSpec,
  type PoolOptions,
  type Reservation,
} from '#pool-core';
import { OutputEstimate } from '../../../libs/provider-account-pool/src/scheduling/output-estimate.js';
import { Dice } from '../engine/dice.js';
import type { SimCall } from '../workload/sim-call.js';
import type { CallEnd, Choice, Pick, Policy } from './policy.js';

const model = 'sim-model';

interface PooledPick extends Pick {
  readonly reservation: Reservation;
}

/** The real thing, through its door, with the estimates the real shell gives it. */
export class PoolCorePolicy implements Policy {
  readonly name = 'pool-core';
  readonly mostRetries = Infinity;
  private readonly pool: AccountPool;
  private readonly outputs = new OutputEstimate();
  private readonly dice: Dice;

  constructor(specs: readonly AccountSpec[], options: Partial<PoolOptions>, nowMs: number, seed: number) {
    this.pool = new AccountPool(options);
    this.pool.replaceAccounts(specs, nowMs);
    this.dice = new Dice(seed, 'pool-core');
  }

  choose(call: SimCall, tried: ReadonlySet<string>, nowMs: number): Choice {
    const ask = {
      model,
      inputTokens: call.estimatedInputTokens,
      outputTokens: this.outputs.of(model, call.maxOutputTokens),
      price: null,
      affinity: call.conversation === null ? null : String(call.conversation),
      exclude: tried as ReadonlySet<AccountId>,
    };
    const decision = selectAccount(this.pool, ask, nowMs, this.dice.next);
    if (decision.kind === 'refused') return { kind: 'refused', earliestMs: decision.earliestMs };
    const { reservation } = decision;
    const pick: PooledPick = { accountId: reservation.accountId, reservation };
    return { kind: 'picked', pick };
  }

  settle(pick: Pick, end: CallEnd, nowMs: number): void {
    const { reservation } = pick as PooledPick;
    if (end.kind === 'failed') {
      const { failure, limits } = end;
      settle(
        this.pool,
        reservation,
        { kind: 'failed', failure, tokens: null, limits },
        nowMs,
        this.dice.next,
      );
      return;
    }
    const { inputTokens: input, outputTokens: output } = end.call;
    const tokens = { input, output, cachedInput: 0, reasoning: 0 };
    settle(this.pool, reservation, { kind: 'succeeded', tokens, limits: end.limits }, nowMs, this.dice.next);
    this.outputs.learn(model, output);
  }

  leftovers(): string[] {
    return this.pool.accounts.flatMap(({ id, inFlight, windows }) => {
      const reserved = windows.limited.filter((window) => window.reserved !== 0);
      return [
        ...(inFlight === 0 ? [] : [`${id}: ${inFlight} in flight`]),
        ...reserved.map((window) => `${id}: ${window.reserved} reserved of ${window.name}`),
      ];
    });
  }
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
