import { Dice } from '../engine/dice.js';
import type { EventQueue } from '../engine/event-queue.js';
import { unitsOf } from '../workload/counted.js';
import type { Outsiders } from './account-truth.js';
import type { SimAccount } from './sim-account.js';
import type { SimProvider } from './sim-provider.js';

/** Every call of theirs. */
const input = 750;
const output = 250;

/** Calls that others make on some accounts: the gateway hears of them by what is left alone. */
export class OutsideTraffic {
  private readonly dice: Dice;
  /** Tokens they got in the measured span, by account. */
  readonly servedTokens = new Map<string, number>();

  /** @param fromMs begin of the measured span; they come from the beginning on until it ends */
  constructor(
    private readonly events: EventQueue,
    provider: SimProvider,
    { accounts, share }: Outsiders,
    seed: number,
    private readonly fromMs: number,
    private readonly untilMs: number,
  ) {
    this.dice = new Dice(seed, 'outsiders');
    for (const account of accounts.map((id) => provider.account(id))) {
      const perMs = account.buckets
        .filter(({ unit }) => unit !== 'requests')
        .map(({ unit, limit, windowMs }) => limit / windowMs / unitsOf(unit, input, output));
      this.next(account, 1 / (share * Math.min(...perMs)));
    }
  }

  private next(account: SimAccount, meanGapMs: number): void {
    const atMs = this.events.nowMs + this.dice.exponential(meanGapMs);
    if (atMs >= this.untilMs) return;
    this.events.at(atMs, () => {
      const { nowMs } = this.events;
      const { id } = account.truth;
      if (account.serveOutsider(input, output, nowMs) && nowMs >= this.fromMs) {
        this.servedTokens.set(id, (this.servedTokens.get(id) ?? 0) + input + output);
      }
      this.next(account, meanGapMs);
    });
  }
}
