import type { Random } from '#kernel';
import type { Ask } from '../ask.js';
import { admissibleFromMs, comesToServe, firstObstacle, servesNow } from '../eligibility.js';
import { passes } from '../passing-reasons.js';
import type { PoolOptions } from '../pool-options.js';
import type { PooledAccount } from '../pooled-account.js';
import { AskFloor } from './ask-floor.js';
import type { Heap } from './heap.js';
import type { ReadySearch } from './ready-search.js';
import { Seating } from './seating.js';
import type { Roster } from './strategy.js';
import type { Round } from './turns.js';

/** Accounts that one pick passes over one by one; then it looks at all at once, without touching their order. */
const mostPassedOver = 12;
/** Draws of an account by chance; then the one whose turn it is will do. */
const mostDraws = 8;
const nothing = { inputTokens: 0, outputTokens: 0, price: null, affinity: null, exclude: new Set<never>() };

/**
 * The accounts of one tier that serve one model, so arranged that a pick looks at few of them. Those that may be admissible
 * stand in the order of their turns. Who is found to admit nothing rests until the instant at which it could, or until
 * {@link Seating.wake}: resting only saves looks, each pick still asks the gates. Accounts are named by their seats in the round.
 */
export class Lane implements Roster<PooledAccount> {
  readonly tier: number;
  private readonly seating: Seating;
  /** Those that do not admit the ask at hand, but might admit another. */
  private readonly passedOver: number[] = [];
  private readonly floor: AskFloor;
  private readonly smallest: Ask;
  private ask: Ask;
  private nowMs = 0;
  private foremost: number | null = null;
  /** One that was to come back when that was asked last: most likely it still is, and no other has to be looked at. */
  private hopeful: PooledAccount | null = null;

  /**
   * @param round of the accounts it is about
   * @param ask one of those it is for
   */
  constructor(
    private readonly round: Round<PooledAccount>,
    private readonly options: PoolOptions,
    ask: Ask,
  ) {
    this.ask = ask;
    this.floor = new AskFloor(ask);
    this.smallest = { ...nothing, model: ask.model };
    this.tier = round.accounts[0]?.tier ?? Infinity;
    this.seating = new Seating(round, options.strategy);
  }

  /** Chooses an account by the pool's strategy. @returns `null` when none admits the ask */
  pick(ask: Ask, nowMs: number, random: Random): PooledAccount | null {
    this.ask = ask;
    this.nowMs = nowMs;
    const { seating } = this;
    seating.wakeUntil(seating.shut, nowMs);
    seating.wakeUntil(seating.out, nowMs);
    seating.wakeUntil(seating.full, this.floor.isLoweredBy(ask) ? Infinity : nowMs);
    this.foremost = this.foremostAdmissible();
    const chosen = this.foremost === null ? null : this.options.strategy.pick(this, random);
    if (this.foremost !== null && chosen === seating.accountAt(this.foremost))
      this.round.reach(this.foremost);
    this.standAgain();
    return chosen;
  }

  /** Brings up to date what a strategy goes by. */
  measured(account: PooledAccount, nowMs = this.nowMs): PooledAccount {
    account.measure(this.options.breaker.minimumCalls, nowMs);
    return account;
  }

  /** See `Lanes.noteTurn`. */
  noteTurn(account: PooledAccount, size: number, random: Random): void {
    const seat = this.seatOf(account);
    if (seat === undefined) return;
    const { strategy } = this.options;
    if (strategy.rank === undefined)
      this.round.pass(seat, strategy.pull(account) / size, (strategy.shuffle ?? 0) * random());
    else this.round.goLast(seat);
  }

  /** See `Lanes.callsAhead`. */
  callsAhead(account: PooledAccount): number {
    const seat = this.seatOf(account);
    return seat === undefined ? 0 : this.round.aheadOf(seat) * this.options.strategy.pull(account);
  }

  /** When to ask again, given that the ask was refused just now; `Infinity`: when something has happened. */
  nextChanceMs(ask: Ask, nowMs: number): number {
    const { seating } = this;
    const { standing, shut, out, full } = seating;
    let fromMs = Math.min(shut.firstOrder, out.firstOrder, full.firstOrder);
    for (let position = 0; position < standing.length; position += 1)
      fromMs = Math.min(fromMs, admissibleFromMs(seating.accountIn(standing, position), ask, nowMs));
    return fromMs;
  }

  /** See `Lanes.someoneComesToServe`. */
  someoneComesToServe(ask: Ask, alsoTried: boolean, nowMs: number): boolean {
    const comes = (account: PooledAccount): boolean =>
      (alsoTried || !ask.exclude.has(account.id)) && comesToServe(account, ask, nowMs);
    if (this.hopeful !== null && comes(this.hopeful)) return true;
    const { seating } = this;
    this.hopeful =
      seating.findIn(seating.full, comes) ??
      seating.findIn(seating.shut, comes) ??
      seating.findIn(seating.standing, comes) ??
      null;
    return this.hopeful !== null;
  }

  /** Looks for the account that is ready first for an ask, as long as the search goes on. */
  seekReady(search: ReadySearch): void {
    const { standing, shut, out, full } = this.seating;
    this.seek(standing, search);
    if (this.floor.isAbove(search.ask)) this.seek(full, search);
    else this.seekAtRest(full, search);
    this.seekAtRest(shut, search);
    this.seekAtRest(out, search);
  }

  /** Is no more: accounts have no places in it. */
  dissolve(): void {
    this.seating.dissolve();
  }

  first(): PooledAccount {
    return this.measured(this.seating.accountAt(this.foremost as number));
  }

  any(random: Random): PooledAccount {
    const { seating } = this;
    const { standing } = seating;
    for (let draw = 0; draw < mostDraws; draw += 1) {
      const seat = standing.seatAt(Math.floor(random() * standing.length));
      if (this.admits(seat)) return this.measured(seating.accountAt(seat));
      this.setAside(seat);
    }
    return this.first();
  }

  *[Symbol.iterator](): Iterator<PooledAccount> {
    for (const [seat, account] of this.round.accounts.entries()) {
      if (!this.seating.isAtRest(seat) && this.admits(seat)) yield this.measured(account);
    }
  }

  /** Most of the time it is the one that was just picked. */
  private seatOf(account: PooledAccount): number | undefined {
    const { foremost } = this;
    return foremost !== null && this.seating.accountAt(foremost) === account
      ? foremost
      : this.round.seatOf(account);
  }

  private admits(seat: number): boolean {
    return servesNow(this.seating.accountAt(seat), this.ask, this.nowMs);
  }

  private foremostAdmissible(): number | null {
    while (this.passedOver.length < mostPassedOver) {
      const first = this.seating.first();
      if (first === undefined) return null;
      if (this.admits(first)) return first;
      this.setAside(first);
    }
    return this.foremostOfAll();
  }

  private foremostOfAll(): number | null {
    const { standing } = this.seating;
    const inadmissible: number[] = [];
    let [foremost, rank, order]: [number | null, number, number] = [null, Infinity, Infinity];
    for (let position = 0; position < standing.length; position += 1) {
      const seat = standing.seatAt(position);
      if (!this.admits(seat)) {
        inadmissible.push(seat);
        continue;
      }
      const [ownRank, ownOrder] = [standing.rankAt(position), this.round.orderOf(seat)];
      if (foremost !== null && (ownRank === rank ? ownOrder >= order : ownRank > rank)) continue;
      [foremost, rank, order] = [seat, ownRank, ownOrder];
    }
    for (const seat of inadmissible) {
      if (!servesNow(this.seating.accountAt(seat), this.floor, this.nowMs)) this.setAside(seat);
    }
    return foremost;
  }

  /** Takes one that does not admit the ask out of the order: for this pick, or until it could admit any. */
  private setAside(seat: number): void {
    const { seating } = this;
    const account = seating.accountAt(seat);
    seating.standing.remove(seat);
    if (servesNow(account, this.floor, this.nowMs)) {
      this.passedOver.push(seat);
      return;
    }
    const obstacle = firstObstacle(account, this.smallest, this.nowMs);
    if (obstacle === null)
      seating.lieDown(seat, seating.full, admissibleFromMs(account, this.floor, this.nowMs));
    else if (passes(obstacle.reason))
      seating.lieDown(seat, seating.shut, admissibleFromMs(account, this.smallest, this.nowMs));
    else seating.lieDown(seat, seating.out, obstacle.untilMs ?? Infinity);
  }

  private standAgain(): void {
    if (this.passedOver.length === 0) return;
    for (const seat of this.passedOver) this.seating.stand(seat);
    this.passedOver.length = 0;
  }

  private seek(heap: Heap, search: ReadySearch): void {
    for (let at = 0; at < heap.length && !search.isOver; at += 1)
      search.look(this.seating.accountIn(heap, at));
  }

  /** Who rests admits nothing before the instant it rests until, and below it in the heap are only later ones. */
  private seekAtRest(heap: Heap, search: ReadySearch): void {
    let last = 0;
    for (let at = 0; at <= last && at < heap.length && !search.isOver; at += 1) {
      if (heap.orderAt(at) >= search.fromMs) continue;
      search.look(this.seating.accountIn(heap, at));
      last = 2 * at + 2;
    }
  }
}
