import type { AccountId } from '#kernel';
import type { Ask } from '../ask.js';
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
  private readonly held = new Set<AccountId>();
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
    if (waiting.hold === null) return null;
    this.held.add(waiting.hold.accountId);
    for (const sharer of waiting.hold.sharedWith) this.held.add(sharer);
    this.readyAtMs = Math.min(this.readyAtMs, waiting.hold.fromMs);
    return null;
  }

  /** Places a call that is about to be refused, if it takes nothing from anybody. */
  lastChance({ request }: Waiting): Reservation | null {
    const impatient = { ...request.ask, patientUntilMs: this.nowMs };
    return this.placement.place(this.withoutHeld(impatient), this.nowMs);
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
    return { ...ask, exclude: { size: held.size, has: (id) => exclude.has(id) || held.has(id) } };
  }
}
