import type { PooledAccount } from '../pooled-account.js';
import { Heap } from './heap.js';
import type { PlaceInLane } from './place-in-lane.js';
import type { SelectionStrategy } from './strategy.js';
import type { Round } from './turns.js';

/** One account of a lane. */
class Place implements PlaceInLane {
  constructor(
    readonly seating: Seating,
    private readonly seat: number,
  ) {}

  wake(): void {
    this.seating.wake(this.seat);
  }
}

/**
 * Who of the accounts of a lane stands in the order of turns, and who rests until an instant or until {@link Seating.wake}. Accounts
 * are named by their seats in the round.
 */
export class Seating {
  readonly standing: Heap;
  /** Those that admit no ask at all, by the instant at which that may change. */
  readonly shut: Heap;
  /** As those, but not worth waiting for, by the instant at which that may change: a person must act. */
  readonly out: Heap;
  /** Those that admit no ask as large as they are of late, by the same. */
  readonly full: Heap;
  private readonly accounts: readonly PooledAccount[];

  constructor(
    private readonly round: Round<PooledAccount>,
    private readonly strategy: SelectionStrategy,
  ) {
    this.accounts = round.accounts;
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

  accountAt(seat: number): PooledAccount {
    return this.accounts[seat] as PooledAccount;
  }

  /** The one in a heap at a position. */
  accountIn(heap: Heap, position: number): PooledAccount {
    return this.accountAt(heap.seatAt(position));
  }

  /** The first in a heap, in no order, that is looked for. */
  findIn(heap: Heap, isIt: (account: PooledAccount) => boolean): PooledAccount | undefined {
    for (let position = 0; position < heap.length; position += 1) {
      const account = this.accountIn(heap, position);
      if (isIt(account)) return account;
    }
    return undefined;
  }

  /** The seat whose turn comes first of those that stand. Turns may have gone on meanwhile, in lanes of other models. */
  first(): number | undefined {
    for (;;) {
      const { first } = this.standing;
      if (first === undefined) return undefined;
      const order = this.round.orderOf(first);
      if (this.standing.firstOrder >= order) return first;
      this.standing.move(first, this.standing.rankAt(0), order);
    }
  }

  /** @param seat of one that neither stands nor rests */
  stand(seat: number): void {
    this.standing.add(seat, this.rankOf(seat), this.round.orderOf(seat));
  }

  /** @param seat of one that neither stands nor rests */
  lieDown(seat: number, rest: Heap, untilMs: number): void {
    this.accountAt(seat).placesAtRest += 1;
    rest.add(seat, 0, untilMs);
  }

  isAtRest(seat: number): boolean {
    return this.restOf(seat) !== null;
  }

  /** Those of a rest stand up whose instant has come. */
  wakeUntil(rest: Heap, ms: number): void {
    for (let { first } = rest; first !== undefined && rest.firstOrder <= ms; { first } = rest) {
      this.standUp(first, rest);
    }
  }

  /** Something has happened to the account of a seat: it will be looked at again. */
  wake(seat: number): void {
    const rest = this.restOf(seat);
    if (rest !== null) this.standUp(seat, rest);
    else if (this.strategy.rank !== undefined && this.standing.has(seat))
      this.standing.move(seat, this.rankOf(seat), this.round.orderOf(seat));
  }

  /** Is no more: accounts have no places in it. */
  dissolve(): void {
    for (const [seat, account] of this.accounts.entries()) {
      account.places = account.places.filter((place) => !(place instanceof Place && place.seating === this));
      if (this.isAtRest(seat)) account.placesAtRest -= 1;
    }
  }

  private standUp(seat: number, rest: Heap): void {
    rest.remove(seat);
    this.accountAt(seat).placesAtRest -= 1;
    this.round.rejoin(seat);
    this.stand(seat);
  }

  private restOf(seat: number): Heap | null {
    if (this.accountAt(seat).placesAtRest === 0) return null;
    return [this.shut, this.out, this.full].find((rest) => rest.has(seat)) ?? null;
  }

  private rankOf(seat: number): number {
    return this.strategy.rank?.(this.accountAt(seat)) ?? 0;
  }
}
