import type { Random } from '#kernel';
import type { Ask } from '../ask.js';
import { admissibleFromMs, comesToServe, firstObstacle, servesNow } from '../eligibility.js';
import { passes } from '../passing-reasons.js';
import type { PoolOptions } from '../pool-options.js';
import type { PooledAccount } from '../pooled-account.js';
import { AskFloor } from './ask-floor.js';
import { Heap } from './heap.js';
import type { PlaceInLane } from './place-in-lane.js';
import type { ReadySearch } from './ready-search.js';
import type { Roster } from './strategy.js';
import type { Round } from './turns.js';

/** Accounts that one pick passes over one by one; then it looks at all at once, without touching their order. */
const mostPassedOver = 12;
/** Draws of an account by chance; then the one whose turn it is will do. */
const mostDraws = 8;
const nothing = { inputTokens: 0, outputTokens: 0, price: null, affinity: null, exclude: new Set<never>() };

/** One account in a lane. */
class Place implements PlaceInLane {
  constructor(
    readonly lane: Lane,
    private readonly seat: number,
  ) {}

  wake(): void {
    this.lane.wake(this.seat);
  }
}

/**
 * The accounts of one tier that serve one model, so arranged that a pick looks at few of them. Those that may be admissible
 * stand in the order of their turns. Who is found to admit nothing rests until the instant at which it could, or until
 * {@link Lane.wake}: resting only saves looks, each pick still asks the gates. Accounts are named by their seats in the round.
 */
export class Lane implements Roster<PooledAccount> {
  readonly tier: number;
  private readonly accounts: readonly PooledAccount[];
  private readonly standing: Heap;
  /** Those that admit no ask at all, by the instant at which that may change. */
  private readonly shut: Heap;
  /** As those, but not worth waiting for, by the instant at which that may change: a person must act. */
  private readonly out: Heap;
  /** Those that admit no ask as large as they are of late, by the same. */
  private readonly full: Heap;
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
    this.accounts = round.accounts;
    this.tier = this.accounts[0]?.tier ?? Infinity;
    const positions = new Int32Array(this.accounts.length);
    this.standing = new Heap(positions);
    this.shut = new Heap(positions);
    this.out = new Heap(positions);
    this.full = new Heap(positions);
    for (const [seat, account] of this.accounts.entries()) {
      account.places = account.places.concat(new Place(this, seat));
      this.stand(seat);
    }
  }

  /** Chooses an account by the pool's strategy. @returns `null` when none admits the ask */
  pick(ask: Ask, nowMs: number, random: Random): PooledAccount | null {
    this.ask = ask;
    this.nowMs = nowMs;
    this.wakeUntil(this.shut, nowMs);
    this.wakeUntil(this.out, nowMs);
    this.wakeUntil(this.full, this.floor.isLoweredBy(ask) ? Infinity : nowMs);
    this.foremost = this.foremostAdmissible();
    const chosen = this.foremost === null ? null : this.options.strategy.pick(this, random);
    if (this.foremost !== null && chosen === this.accountAt(this.foremost)) this.round.reach(this.foremost);
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
    let fromMs = Math.min(this.shut.firstOrder, this.out.firstOrder, this.full.firstOrder);
    for (let at = 0; at < this.standing.length; at += 1) {
      fromMs = Math.min(fromMs, admissibleFromMs(this.accountAt(this.standing.seatAt(at)), ask, nowMs));
    }
    return fromMs;
  }

  /** See `Lanes.someoneComesToServe`. */
  someoneComesToServe(ask: Ask, alsoTried: boolean, nowMs: number): boolean {
    const comes = (account: PooledAccount): boolean =>
      (alsoTried || !ask.exclude.has(account.id)) && comesToServe(account, ask, nowMs);
    if (this.hopeful !== null && comes(this.hopeful)) return true;
    this.hopeful =
      this.findIn(this.full, comes) ?? this.findIn(this.shut, comes) ?? this.findIn(this.standing, comes);
    return this.hopeful !== null;
  }

  /** Looks for the account that is ready first for an ask, as long as the search goes on. */
  seekReady(search: ReadySearch): void {
    this.seek(this.standing, search);
    if (this.floor.isAbove(search.ask)) this.seek(this.full, search);
    else this.seekAtRest(this.full, search);
    this.seekAtRest(this.shut, search);
    this.seekAtRest(this.out, search);
  }

  /** Something has happened to the account of a seat: it will be looked at again. */
  wake(seat: number): void {
    const rest = this.restOf(seat);
    if (rest !== null) this.standUp(seat, rest);
    else if (this.options.strategy.rank !== undefined && this.standing.has(seat))
      this.standing.move(seat, this.rankOf(seat), this.round.orderOf(seat));
  }

  /** Is no more: accounts have no places in it. */
  dissolve(): void {
    for (const [seat, account] of this.accounts.entries()) {
      account.places = account.places.filter((place) => !(place instanceof Place && place.lane === this));
      if (this.restOf(seat) !== null) account.placesAtRest -= 1;
    }
  }

  first(): PooledAccount {
    return this.measured(this.accountAt(this.foremost as number));
  }

  any(random: Random): PooledAccount {
    for (let draw = 0; draw < mostDraws; draw += 1) {
      const seat = this.standing.seatAt(Math.floor(random() * this.standing.length));
      if (this.admits(seat)) return this.measured(this.accountAt(seat));
      this.setAside(seat);
    }
    return this.first();
  }

  *[Symbol.iterator](): Iterator<PooledAccount> {
    for (const [seat, account] of this.accounts.entries()) {
      if (this.restOf(seat) === null && this.admits(seat)) yield this.measured(account);
    }
  }

  private accountAt(seat: number): PooledAccount {
    return this.accounts[seat] as PooledAccount;
  }

  private findIn(heap: Heap, isIt: (account: PooledAccount) => boolean): PooledAccount | null {
    for (let at = 0; at < heap.length; at += 1) {
      const account = this.accountAt(heap.seatAt(at));
      if (isIt(account)) return account;
    }
    return null;
  }

  /** Most of the time it is the one that was just picked. */
  private seatOf(account: PooledAccount): number | undefined {
    const { foremost } = this;
    return foremost !== null && this.accountAt(foremost) === account ? foremost : this.round.seatOf(account);
  }

  /** Where the account of a seat waits to be looked at again; `null` while it stands in order. */
  private restOf(seat: number): Heap | null {
    if (this.accountAt(seat).placesAtRest === 0) return null;
    return [this.shut, this.out, this.full].find((rest) => rest.has(seat)) ?? null;
  }

  private admits(seat: number): boolean {
    return servesNow(this.accountAt(seat), this.ask, this.nowMs);
  }

  private rankOf(seat: number): number {
    return this.options.strategy.rank?.(this.accountAt(seat)) ?? 0;
  }

  private foremostAdmissible(): number | null {
    while (this.passedOver.length < mostPassedOver) {
      const { first } = this.standing;
      if (first === undefined) return null;
      const order = this.round.orderOf(first);
      if (this.standing.firstOrder < order) this.standing.move(first, this.standing.rankAt(0), order);
      else if (this.admits(first)) return first;
      else this.setAside(first);
    }
    return this.foremostOfAll();
  }

  private foremostOfAll(): number | null {
    const { standing } = this;
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
      if (!servesNow(this.accountAt(seat), this.floor, this.nowMs)) this.setAside(seat);
    }
    return foremost;
  }

  /** Takes one that does not admit the ask out of the order: for this pick, or until it could admit any. */
  private setAside(seat: number): void {
    this.standing.remove(seat);
    const account = this.accountAt(seat);
    if (servesNow(account, this.floor, this.nowMs)) {
      this.passedOver.push(seat);
      return;
    }
    const obstacle = firstObstacle(account, this.smallest, this.nowMs);
    if (obstacle === null) this.lieDown(seat, this.full, admissibleFromMs(account, this.floor, this.nowMs));
    else if (passes(obstacle.reason))
      this.lieDown(seat, this.shut, admissibleFromMs(account, this.smallest, this.nowMs));
    else this.lieDown(seat, this.out, obstacle.untilMs ?? Infinity);
  }

  private lieDown(seat: number, rest: Heap, untilMs: number): void {
    this.accountAt(seat).placesAtRest += 1;
    rest.add(seat, 0, untilMs);
  }

  private standUp(seat: number, rest: Heap): void {
    rest.remove(seat);
    this.accountAt(seat).placesAtRest -= 1;
    this.round.rejoin(seat);
    this.stand(seat);
  }

  private stand(seat: number): void {
    this.standing.add(seat, this.rankOf(seat), this.round.orderOf(seat));
  }

  private standAgain(): void {
    while (this.passedOver.length > 0) this.stand(this.passedOver.pop() as number);
  }

  private wakeUntil(rest: Heap, ms: number): void {
    for (let { first } = rest; first !== undefined && rest.firstOrder <= ms; { first } = rest) {
      this.standUp(first, rest);
    }
  }

  private seek(heap: Heap, search: ReadySearch): void {
    for (let at = 0; at < heap.length && !search.isOver; at += 1)
      search.look(this.accountAt(heap.seatAt(at)));
  }

  /** Who rests admits nothing before the instant it rests until, and below it in the heap are only later ones. */
  private seekAtRest(heap: Heap, search: ReadySearch): void {
    let last = 0;
    for (let at = 0; at <= last && at < heap.length && !search.isOver; at += 1) {
      if (heap.orderAt(at) >= search.fromMs) continue;
      search.look(this.accountAt(heap.seatAt(at)));
      last = 2 * at + 2;
    }
  }
}
