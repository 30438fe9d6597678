import type { Random } from '#kernel';
import type { Ask } from '../ask.js';
import { admissibleFromMs, comesToServe, firstObstacle, servesNow } from '../eligibility.js';
import { passes } from '../passing-reasons.js';
import type { PoolOptions } from '../pool-options.js';
import type { PooledAccount } from '../pooled-account.js';
import { AskFloor } from './ask-floor.js';
import { Heap } from './heap.js';
import type { Ordered } from './heap.js';
import type { PlaceInLane } from './place-in-lane.js';
import type { ReadySearch } from './ready-search.js';
import type { Roster } from './strategy.js';
import type { Round, Turn } from './turns.js';

/** Accounts that one pick passes over one by one; then it looks at all at once, without touching their order. */
const mostPassedOver = 12;
/** Draws of an account by chance; then the one whose turn it is will do. */
const mostDraws = 8;
const nothing = { inputTokens: 0, outputTokens: 0, price: null, affinity: null, exclude: new Set<never>() };

/** One account in a lane. */
class Place implements Ordered, PlaceInLane {
  rank = 0;
  order = 0;
  position = -1;
  /** Where it waits to be looked at again; `null` while it stands in order. */
  rest: Heap<Place> | null = null;

  constructor(
    private readonly lane: Lane,
    readonly model: string,
    readonly account: PooledAccount,
    readonly turn: Turn,
  ) {}

  wake(): void {
    this.lane.wake(this);
  }
}

/**
 * The accounts of one tier that serve one model, so arranged that a pick looks at few of them. Those that may be admissible
 * stand in the order of their turns. Who is found to admit nothing rests until the instant at which it could, or until
 * {@link Lane.wake}: resting only saves looks, each pick still asks the gates.
 */
export class Lane implements Roster<PooledAccount> {
  readonly places: readonly Place[];
  private readonly standing = new Heap<Place>();
  /** Those that admit no ask at all, by the instant at which that may change. */
  private readonly shut = new Heap<Place>();
  /** As those, but not worth waiting for, by the instant at which that may change: a person must act. */
  private readonly out = new Heap<Place>();
  /** Those that admit no ask as large as they are of late, by the same. */
  private readonly full = new Heap<Place>();
  /** Those that do not admit the ask at hand, but might admit another. */
  private readonly passedOver: Place[] = [];
  private readonly floor: AskFloor;
  private readonly smallest: Ask;
  private ask: Ask;
  private nowMs = 0;
  private foremost: Place | null = null;
  /** One that was to come back when that was asked last: most likely it still is, and no other has to be looked at. */
  private hopeful: Place | null = null;

  /** @param ask one of those it is for */
  constructor(
    accounts: readonly PooledAccount[],
    round: Round<PooledAccount>,
    private readonly options: PoolOptions,
    ask: Ask,
  ) {
    this.ask = ask;
    this.floor = new AskFloor(ask);
    this.smallest = { ...nothing, model: ask.model };
    this.places = accounts.map((account) => new Place(this, ask.model, account, round.turnOf(account)));
    for (const place of this.places) {
      place.account.places = place.account.places.concat(place);
      this.stand(place);
    }
  }

  get tier(): number {
    return this.places[0]?.account.tier ?? Infinity;
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
    if (chosen !== null && chosen === this.foremost?.account) this.foremost.turn.reach();
    this.standAgain();
    return chosen;
  }

  /** Brings up to date what a strategy goes by. */
  measured(account: PooledAccount, nowMs = this.nowMs): PooledAccount {
    account.measure(this.options.breaker.minimumCalls, nowMs);
    return account;
  }

  /** When to ask again, given that the ask was refused just now; `Infinity`: when something has happened. */
  nextChanceMs(ask: Ask, nowMs: number): number {
    let fromMs = Math.min(...[this.shut, this.out, this.full].map(({ first }) => first?.order ?? Infinity));
    for (const { account } of this.standing.items) {
      fromMs = Math.min(fromMs, admissibleFromMs(account, ask, nowMs));
    }
    return fromMs;
  }

  /** See `Lanes.someoneComesToServe`. */
  someoneComesToServe(ask: Ask, alsoTried: boolean, nowMs: number): boolean {
    const comes = ({ account }: Place): boolean =>
      (alsoTried || !ask.exclude.has(account.id)) && comesToServe(account, ask, nowMs);
    if (this.hopeful !== null && comes(this.hopeful)) return true;
    this.hopeful =
      this.full.items.find(comes) ?? this.shut.items.find(comes) ?? this.standing.items.find(comes) ?? null;
    return this.hopeful !== null;
  }

  /** Looks for the account that is ready first for an ask, as long as the search goes on. */
  seekReady(search: ReadySearch): void {
    seek(this.standing, search);
    if (this.floor.isAbove(search.ask)) seek(this.full, search);
    else seekAtRest(this.full, search);
    seekAtRest(this.shut, search);
    seekAtRest(this.out, search);
  }

  /** Something has happened to an account: it will be looked at again. */
  wake(place: Place): void {
    if (place.rest !== null) this.standUp(place, place.rest);
    else if (this.options.strategy.rank !== undefined && place.position >= 0) {
      place.rank = this.rankOf(place);
      this.standing.moved(place);
    }
  }

  /** Is no more: accounts have no places in it. */
  dissolve(): void {
    for (const place of this.places) {
      const { account, rest } = place;
      account.places = account.places.filter((one) => one !== place);
      if (rest !== null) account.placesAtRest -= 1;
    }
  }

  first(): PooledAccount {
    return this.measured((this.foremost as Place).account);
  }

  any(random: Random): PooledAccount {
    for (let draw = 0; draw < mostDraws; draw += 1) {
      const place = this.standing.items[Math.floor(random() * this.standing.items.length)] as Place;
      if (this.admits(place)) return this.measured(place.account);
      this.setAside(place);
    }
    return this.first();
  }

  *[Symbol.iterator](): Iterator<PooledAccount> {
    for (const place of this.places) {
      if (place.rest === null && this.admits(place)) yield this.measured(place.account);
    }
  }

  private admits({ account }: Place): boolean {
    return servesNow(account, this.ask, this.nowMs);
  }

  private rankOf({ account }: Place): number {
    return this.options.strategy.rank?.(account) ?? 0;
  }

  private foremostAdmissible(): Place | null {
    while (this.passedOver.length < mostPassedOver) {
      const { first } = this.standing;
      if (first === undefined) return null;
      if (first.order < first.turn.order) {
        first.order = first.turn.order;
        this.standing.moved(first);
      } else if (this.admits(first)) return first;
      else this.setAside(first);
    }
    return this.foremostOfAll();
  }

  private foremostOfAll(): Place | null {
    const inadmissible: Place[] = [];
    let foremost: Place | null = null;
    for (const place of this.standing.items) {
      if (!this.admits(place)) inadmissible.push(place);
      else if (foremost === null || comesBefore(place, foremost)) foremost = place;
    }
    for (const place of inadmissible) {
      if (!servesNow(place.account, this.floor, this.nowMs)) this.setAside(place);
    }
    return foremost;
  }

  /** Takes one that does not admit the ask out of the order: for this pick, or until it could admit any. */
  private setAside(place: Place): void {
    this.standing.remove(place);
    if (servesNow(place.account, this.floor, this.nowMs)) {
      this.passedOver.push(place);
      return;
    }
    const { account } = place;
    const obstacle = firstObstacle(account, this.smallest, this.nowMs);
    if (obstacle === null) this.lieDown(place, this.full, admissibleFromMs(account, this.floor, this.nowMs));
    else if (passes(obstacle.reason))
      this.lieDown(place, this.shut, admissibleFromMs(account, this.smallest, this.nowMs));
    else this.lieDown(place, this.out, obstacle.untilMs ?? Infinity);
  }

  private lieDown(place: Place, rest: Heap<Place>, untilMs: number): void {
    place.rest = rest;
    place.account.placesAtRest += 1;
    place.rank = 0;
    place.order = untilMs;
    rest.add(place);
  }

  private standUp(place: Place, rest: Heap<Place>): void {
    rest.remove(place);
    place.rest = null;
    place.account.placesAtRest -= 1;
    place.turn.rejoin();
    this.stand(place);
  }

  private stand(place: Place): void {
    place.rank = this.rankOf(place);
    place.order = place.turn.order;
    this.standing.add(place);
  }

  private standAgain(): void {
    if (this.passedOver.length === 0) return;
    for (const place of this.passedOver) this.standing.add(place);
    this.passedOver.length = 0;
  }

  private wakeUntil(rest: Heap<Place>, ms: number): void {
    for (let { first } = rest; first !== undefined && first.order <= ms; { first } = rest) {
      this.standUp(first, rest);
    }
  }
}

function seek({ items }: Heap<Place>, search: ReadySearch): void {
  for (const { account } of items) {
    if (search.isOver) return;
    search.look(account);
  }
}

/** Who rests admits nothing before the instant it rests until, and below it in the heap are only later ones. */
function seekAtRest({ items }: Heap<Place>, search: ReadySearch): void {
  let last = 0;
  for (let at = 0; at <= last && at < items.length && !search.isOver; at += 1) {
    const { order, account } = items[at] as Place;
    if (order >= search.fromMs) continue;
    search.look(account);
    last = 2 * at + 2;
  }
}

const comesBefore = (a: Place, b: Place): boolean =>
  a.rank === b.rank ? a.turn.order < b.turn.order : a.rank < b.rank;
