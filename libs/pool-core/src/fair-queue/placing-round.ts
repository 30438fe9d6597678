import type { AccountId } from '#kernel';
import type { AccountSet, Ask } from '../ask.js';
import type { Reservation } from '../reservation.js';
import type { Placement, Readiness } from './placement.js';
import type { Waiting } from './waiting.js';

/** Calls that may find no account before the round ends: those behind them are rarely luckier, and looking costs time. */
const mostMisses = 8;

/**
 * One pass over the line: who cannot be placed holds the account that is ready first, against all behind, and what shares
 * the limit that it waits for.
 */
export class PlacingRound {
  /** When the first of the accounts held is ready. */
  readyAtMs = Infinity;
  /** Accounts that are held, and who holds them. */
  private readonly held = new Map<AccountId, Waiting>();
  private misses = 0;

  constructor(
    private readonly placement: Placement,
    private readonly nowMs: number,
  ) {}

  /** Whether looking at further calls makes no sense. */
  get isOver(): boolean {
    return this.misses >= mostMisses || this.held.size >= this.placement.size;
  }

  /** Places a call, or lets it hold an account. */
  serve(waiting: Waiting): Reservation | null {
    const { ask } = waiting.request;
    const awaited = this.placement.awaited(ask, this.nowMs);
    if (awaited !== null && this.held.has(awaited.accountId)) return this.letWait(ask);
    const free = this.withoutHeld(ask);
    const reservation = this.placement.place(free, this.nowMs);
    if (reservation !== null) return reservation;
    this.misses += 1;
    const ready = awaited ?? this.readyFirst(waiting, free);
    waiting.hold = ready === null || ready.fromMs > waiting.deadlineMs ? null : ready;
    if (waiting.hold !== null) this.hold(waiting, waiting.hold);
    return null;
  }

  /**
   * Places a call that is about to be refused, if it takes nothing from anybody.
   *
   * @param isInNeed whether accounts give of their safety margins for it, and who holds one makes do with another
   */
  lastChance({ request }: Waiting, isInNeed: boolean): Reservation | null {
    const impatient = { ...request.ask, patientUntilMs: this.nowMs };
    const free = this.withoutHeld(impatient);
    const reservation = this.placement.place(free, this.nowMs);
    if (reservation !== null || !isInNeed) return reservation;
    return this.placement.placeInNeed(free, this.nowMs) ?? this.takeOver(impatient);
  }

  /** Places a call where somebody holds an account for whom another one is ready in time. */
  private takeOver(ask: Ask): Reservation | null {
    for (const [accountId, holder] of this.held) {
      const other = this.otherHold(accountId, holder);
      if (other === null) continue;
      const reservation = this.placement.place({ ...ask, exclude: allBut(accountId, ask) }, this.nowMs);
      if (reservation === null) continue;
      this.held.delete(accountId);
      this.hold(holder, other);
      return reservation;
    }
    return null;
  }

  private otherHold(accountId: AccountId, { hold, request, deadlineMs }: Waiting): Readiness | null {
    if (hold?.accountId !== accountId || hold.sharedWith.length > 0) return null;
    if (this.placement.awaited(request.ask, this.nowMs) !== null) return null;
    const other = this.placement.readyFirst(this.withoutHeld(request.ask), this.nowMs);
    return other === null || other.fromMs > deadlineMs ? null : other;
  }

  private hold(waiting: Waiting, hold: Readiness): void {
    waiting.hold = hold;
    this.held.set(hold.accountId, waiting);
    for (const sharer of hold.sharedWith) this.held.set(sharer, waiting);
    this.readyAtMs = Math.min(this.readyAtMs, hold.fromMs);
  }

  /** Somebody before it waits for the same warm account: it goes on waiting until it is no longer patient. */
  private letWait({ patientUntilMs = this.nowMs }: Ask): null {
    this.readyAtMs = Math.min(this.readyAtMs, patientUntilMs);
    return null;
  }

  /** Looks through all accounts, so not again before the one found last should be ready. */
  private readyFirst({ hold }: Waiting, free: Ask): Readiness | null {
    const holdsOn = hold !== null && hold.fromMs > this.nowMs && !this.held.has(hold.accountId);
    return holdsOn ? hold : this.placement.readyFirst(free, this.nowMs);
  }

  private withoutHeld(ask: Ask): Ask {
    const { held } = this;
    if (held.size === 0) return ask;
    const { exclude } = ask;
    if (exclude.size === 0) return { ...ask, exclude: held };
    const has = (id: AccountId): boolean => exclude.has(id) || held.has(id);
    const { only } = exclude;
    return { ...ask, exclude: only === undefined ? { size: held.size, has } : { size: Infinity, only, has } };
  }
}

function allBut(accountId: AccountId, { exclude }: Ask): AccountSet {
  return { size: Infinity, only: accountId, has: (id) => id !== accountId || exclude.has(id) };
}
