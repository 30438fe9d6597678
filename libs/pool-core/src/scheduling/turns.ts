/** When the turn of one account comes, on the axis of its {@link Round}. Never moves back. */
export class Turn {
  /** Start of the span in which its next turn lies. */
  private dueAt: number;
  /** Where it stands among the turns: the start of its span, put off by chance. */
  order: number;

  constructor(
    private readonly round: { now: number },
    /** How far ahead of the present, >= 0. */
    ahead: number,
  ) {
    this.dueAt = round.now + ahead;
    this.order = this.dueAt;
  }

  /** How far ahead of the present it is, >= 0. */
  get ahead(): number {
    return Math.max(0, this.dueAt - this.round.now);
  }

  /** The round has come to this turn. */
  reach(): void {
    if (this.dueAt > this.round.now) this.round.now = this.dueAt;
  }

  /**
   * Waits for one span.
   *
   * @param chance part of the span by which the turn is put off, in [0, 1]
   */
  pass(pull: number, chance: number): void {
    this.dueAt += 1 / pull;
    this.order = Math.max(this.order, this.dueAt + chance / pull);
  }

  /** Goes behind all others. */
  goLast(): void {
    this.round.now += 1;
    this.dueAt = this.round.now;
    this.order = this.dueAt;
  }

  /** Is there again after an absence, in which it earned nothing. */
  rejoin(): void {
    if (this.dueAt >= this.round.now) return;
    this.dueAt = this.round.now;
    this.order = Math.max(this.order, this.dueAt);
  }
}

/**
 * Whose turn it is among accounts that compete: stride scheduling. Each has one every `1 / pull`, on an axis that goes on with
 * the turns taken and stands still while nobody calls. So each gets its share of any span of picks, give or take two.
 */
export class Round<Account> {
  /** The latest turn taken. */
  now = 0;
  private readonly turns = new Map<Account, Turn>();

  /** @param aheadOf how far ahead of the present an account begins, >= 0 */
  constructor(accounts: readonly Account[], aheadOf: (account: Account, at: number) => number) {
    accounts.forEach((account, at) => this.turns.set(account, new Turn(this, aheadOf(account, at))));
  }

  /** Whether it is about these accounts and no others. */
  isOf(accounts: readonly Account[]): boolean {
    return accounts.length === this.turns.size && accounts.every((account) => this.turns.has(account));
  }

  has(account: Account): boolean {
    return this.turns.has(account);
  }

  /** How far ahead of the present an account is; `undefined` when it takes no part. */
  aheadOf(account: Account): number | undefined {
    return this.turns.get(account)?.ahead;
  }

  /** @throws Error when the account takes no part */
  turnOf(account: Account): Turn {
    const turn = this.turns.get(account);
    if (turn === undefined) throw new Error('the account takes no part in this round');
    return turn;
  }
}
