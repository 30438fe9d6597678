import type { Random } from '#kernel';
import type { Ask } from '../ask.js';
import type { PoolOptions } from '../pool-options.js';
import type { PooledAccount } from '../pooled-account.js';
import { Lane } from './lane.js';
import { ReadySearch } from './ready-search.js';
import { Round } from './turns.js';

/** Models that are kept in order at once; the one known longest gives way and is put in order again when asked for. */
const mostModels = 100;
/** Sets of accounts whose turns are kept, a few for each model. */
const mostRounds = 3 * mostModels;

/**
 * The accounts of a pool in the order in which they are to be looked at: for each model that was asked for, one lane per tier.
 * Models that the same accounts serve share their turns.
 */
export class Lanes {
  private readonly byModel = new Map<string, readonly Lane[]>();
  private rounds: Round<PooledAccount>[] = [];
  private accounts: readonly PooledAccount[] = [];

  constructor(private readonly options: PoolOptions) {}

  /** Takes other accounts, or the same with another configuration. Turns go on. @param accounts lowest tier first */
  replace(accounts: readonly PooledAccount[]): void {
    for (const model of [...this.byModel.keys()]) this.close(model);
    this.accounts = accounts;
    this.rounds = this.rounds.filter((round) => isAbout(round, accounts));
  }

  /** The lanes that serve the model of an ask, lowest tier first. */
  of(ask: Ask, nowMs: number, random: Random): readonly Lane[] {
    return this.byModel.get(ask.model) ?? this.open(ask, nowMs, random);
  }

  /**
   * A call is about to begin on an account that was just measured: it has had its turn.
   *
   * @param size of the call relative to a usual one, > 0: it counts for as many turns
   */
  noteTurn(account: PooledAccount, { model }: Ask, size: number, random: Random): void {
    this.laneOf(account, model)?.noteTurn(account, size, random);
  }

  /** Something has happened to an account: where it was at rest it is looked at again, and its rank is read anew. */
  wake(account: PooledAccount): void {
    if (account.placesAtRest === 0 && this.options.strategy.rank === undefined) return;
    for (const place of account.places) place.wake();
  }

  /** When to ask again, given that an ask was refused just now; `Infinity`: when something has happened. */
  nextChanceMs(ask: Ask, nowMs: number): number {
    const lanes = this.byModel.get(ask.model);
    if (lanes === undefined) return nowMs;
    let fromMs = Infinity;
    for (const lane of lanes) fromMs = Math.min(fromMs, lane.nextChanceMs(ask, nowMs));
    return fromMs;
  }

  /** The account that is ready first for an ask; see {@link ReadySearch} for how sure that is. */
  readyFirst(ask: Ask, nowMs: number, random: Random): ReadySearch {
    const search = new ReadySearch(ask, nowMs);
    for (const lane of this.of(ask, nowMs, random)) lane.seekReady(search);
    return search;
  }

  /** How many usual calls an account has had beyond its share, >= 0. */
  callsAhead(account: PooledAccount, model: string): number {
    return this.laneOf(account, model)?.callsAhead(account) ?? 0;
  }

  /**
   * Whether one of the accounts that serve the model of an ask may come to admit it by itself, or does so now.
   *
   * @param alsoTried whether those count that the call has tried and that something else holds back first
   */
  someoneComesToServe(ask: Ask, alsoTried: boolean, nowMs: number, random: Random): boolean {
    for (const lane of this.of(ask, nowMs, random)) {
      if (lane.someoneComesToServe(ask, alsoTried, nowMs)) return true;
    }
    return false;
  }

  private laneOf({ tier }: PooledAccount, model: string): Lane | undefined {
    for (const lane of this.byModel.get(model) ?? none) if (lane.tier === tier) return lane;
    return undefined;
  }

  private pullOf(account: PooledAccount, nowMs: number): number {
    account.measure(this.options.breaker.minimumCalls, nowMs);
    return this.options.strategy.pull(account);
  }

  private open(ask: Ask, nowMs: number, random: Random): readonly Lane[] {
    const [longestKnown] = this.byModel.keys();
    if (longestKnown !== undefined && this.byModel.size >= mostModels) this.close(longestKnown);
    const serving = this.accounts.filter((account) => account.servesModel(ask.model));
    const tiers = [...Map.groupBy(serving, ({ tier }) => tier).values()];
    const lanes = tiers.map((accounts) => {
      const round = this.roundOf(accounts, nowMs, random);
      return new Lane(round, this.options, ask);
    });
    this.byModel.set(ask.model, lanes);
    return lanes;
  }

  private close(model: string): void {
    for (const lane of this.byModel.get(model) ?? []) lane.dissolve();
    this.byModel.delete(model);
  }

  /** The turns of just these accounts, else new ones that go on from those of a like set. */
  private roundOf(accounts: readonly PooledAccount[], nowMs: number, random: Random): Round<PooledAccount> {
    const known = this.rounds.findLast((round) => round.isOf(accounts));
    if (known !== undefined) return known;
    const former = this.rounds.findLast((round) => isAbout(round, accounts));
    const isByChance = (this.options.strategy.shuffle ?? 0) > 0;
    const round = new Round(accounts, (account, at) => {
      const part = isByChance ? random() : (at + 0.5) / accounts.length;
      const seat = former?.seatOf(account);
      return seat === undefined || former === undefined
        ? part / this.pullOf(account, nowMs)
        : former.aheadOf(seat);
    });
    this.rounds = [...this.rounds, round].slice(-mostRounds);
    return round;
  }
}

const none: readonly Lane[] = [];

const isAbout = (round: Round<PooledAccount>, accounts: readonly PooledAccount[]): boolean =>
  accounts.some((account) => round.seatOf(account) !== undefined);
