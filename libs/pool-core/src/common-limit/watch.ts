import type { LimitReading } from '#kernel';
import type { PooledAccount } from '../pooled-account.js';
import { limitOfReading } from '../rate-window/limit-kinds.js';

/** Answers compared before anything is concluded. */
const enough = 16;
/** What others spent explains what was missing when it leaves no more than this share of it (of squares). */
const explained = 0.04;
/** The next best explanation must leave this many times as much. */
const clearly = 4;
/** Fuller than this a bucket may have been full in between: then its refill is not known. */
const fullShare = 0.9;

/** What an answer said and what each account had spent when its call was sent. */
interface Point {
  readonly atMs: number;
  readonly remaining: number;
  /** Of the account itself, then of its peers in their order. */
  readonly spent: readonly number[];
}

/** What the answers of one account say about whom it shares its limit with. */
export type Verdict =
  { readonly kind: 'shared'; readonly with: readonly PooledAccount[] } | { readonly kind: 'alone' } | null;

/** The limit on tokens per minute, the one that callers meet, as an account itself has counted it. */
export const tokenWindow = (account: PooledAccount) =>
  account.windows.limited.find(({ name }) => name === 'tpm');

/**
 * Compares what a provider says is left of an account with what that account has spent, and with what others have: of accounts that
 * share a limit each sees the spending of all. One call is looked at after the other, so that each comparison spans many.
 */
export class Watch {
  /** Whether its last verdict contradicted what was found before: by coincidence, unless the next one does so, too. */
  isDoubtful = false;
  private call: object | null = null;
  private atCall: readonly number[] = [];
  private last: Point | null = null;
  private compared = 0;
  /** Squares of what is not explained: by the account alone, with each peer, with all of them. */
  private readonly unexplained: number[];

  /** @param peers who may share its limit, at least one */
  constructor(
    private readonly account: PooledAccount,
    private readonly peers: readonly PooledAccount[],
  ) {
    this.unexplained = Array<number>(peers.length + 2).fill(0);
  }

  /** A call of the account has been sent, and is counted already. */
  noteStart(call: object): void {
    if (this.call !== null) return;
    this.call = call;
    this.atCall = [this.account, ...this.peers].map((one) => tokenWindow(one)?.spent ?? 0);
  }

  noteEnd(call: object): void {
    if (this.call === call) this.call = null;
  }

  /** The answer of an accepted call has spoken. @param sentMs when the call was sent, ms since the epoch */
  noteAnswer(call: object, said: readonly LimitReading[], sentMs: number, nowMs: number): Verdict {
    if (this.call !== call) return null;
    this.call = null;
    const reading = said.find((one) => limitOfReading(one, nowMs) === 'tpm');
    const limit = reading?.limit ?? 0;
    const remaining = reading?.remaining ?? 0;
    const { last } = this;
    const isUsable = remaining > 0 && remaining < fullShare * limit;
    this.last = isUsable ? { atMs: sentMs, remaining, spent: this.atCall } : null;
    if (last === null || this.last === null) return null;
    this.compare(last, this.last, limit / (tokenWindow(this.account)?.windowMs ?? Infinity));
    return this.compared < enough ? null : this.conclude();
  }

  private compare(from: Point, to: Point, perMs: number): void {
    const [own = 0, ...others] = to.spent.map((spent, at) => spent - (from.spent[at] ?? spent));
    const missing = from.remaining + (to.atMs - from.atMs) * perMs - to.remaining - own;
    const all = others.reduce((sum, one) => sum + one, 0);
    [0, ...others, all].forEach((one, at) => {
      this.unexplained[at] = (this.unexplained[at] ?? 0) + (missing - one) ** 2;
    });
    this.compared += 1;
  }

  private conclude(): Verdict {
    const { peers, unexplained } = this;
    const [alone = 0, ...rest] = unexplained;
    const withAll = rest.pop() ?? Infinity;
    const [best = Infinity, next = Infinity] = rest.toSorted((a, b) => a - b);
    const found = peers[rest.indexOf(best)];
    this.compared = 0;
    unexplained.fill(0);
    if (withAll <= explained * alone && withAll <= best) return { kind: 'shared', with: peers };
    if (found !== undefined && best <= explained * alone && next >= clearly * best)
      return { kind: 'shared', with: [found] };
    return alone < Math.min(best, withAll) ? { kind: 'alone' } : null;
  }
}
