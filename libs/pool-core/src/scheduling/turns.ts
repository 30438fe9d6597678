/** Two figures of each seat: the start of the span in which its next turn lies, and where it stands among the turns. */
const figuresPerSeat = 2;

/**
 * Whose turn it is among accounts that compete: stride scheduling. Each has one every `1 / pull`, on an axis that goes on with
 * the turns taken and stands still while nobody calls. So each gets its share of any span of picks, give or take two. Accounts
 * are named by their seats, from 0. A turn never moves back.
 */
export class Round<Account> {
  /** The latest turn taken. */
  private now = 0;
  private readonly seats = new Map<Account, number>();
  private readonly figures: Float64Array;

  /**
   * @param accounts by their seats
   * @param aheadOf how far ahead of the present an account begins, >= 0
   */
  constructor(
    readonly accounts: readonly Account[],
    aheadOf: (account: Account, seat: number) => number,
  ) {
    this.figures = new Float64Array(figuresPerSeat * accounts.length);
    for (const [seat, account] of accounts.entries()) {
      this.seats.set(account, seat);
      this.set(seat, aheadOf(account, seat));
      this.putOff(seat, 0);
    }
  }

  /** Whether it is about these accounts and no others. */
  isOf(accounts: readonly Account[]): boolean {
    return accounts.length === this.seats.size && accounts.every((account) => this.seats.has(account));
  }

  /** The seat of an account; `undefined` when it takes no part. */
  seatOf(account: Account): number | undefined {
    return this.seats.get(account);
  }

  /** How far ahead of the present the turn of a seat is, >= 0. */
  aheadOf(seat: number): number {
    return Math.max(0, this.dueAt(seat) - this.now);
  }

  /** Where a seat stands among the turns: the start of its span, put off by chance. */
  orderOf(seat: number): number {
    return this.figures[figuresPerSeat * seat + 1] as number;
  }

  /** The round has come to this turn. */
  reach(seat: number): void {
    this.now = Math.max(this.now, this.dueAt(seat));
  }

  /**
   * Waits for one span.
   *
   * @param chance part of the span by which the turn is put off, in [0, 1]
   */
  pass(seat: number, pull: number, chance: number): void {
    this.set(seat, this.dueAt(seat) + 1 / pull);
    this.putOff(seat, chance / pull);
  }

  /** Goes behind all others. */
  goLast(seat: number): void {
    this.now += 1;
    this.set(seat, this.now);
    this.putOff(seat, 0);
  }

  /** Is there again after an absence, in which it earned nothing. */
  rejoin(seat: number): void {
    if (this.dueAt(seat) >= this.now) return;
    this.set(seat, this.now);
    this.putOff(seat, 0);
  }

  private dueAt(seat: number): number {
    return this.figures[figuresPerSeat * seat] as number;
  }

  private set(seat: number, dueAt: number): void {
    this.figures[figuresPerSeat * seat] = dueAt;
  }

  private putOff(seat: number, by: number): void {
    this.figures[figuresPerSeat * seat + 1] = Math.max(this.orderOf(seat), this.dueAt(seat) + by);
  }
}
