import type { MachineState } from '../account.js';

const closed: MachineState = Object.freeze({ kind: 'closed' });

/** A change of a standing, as other processes hear of it; plain JSON. */
export interface StandingNews {
  readonly state: MachineState;
  /** What it was when they last heard of it. */
  readonly was: MachineState;
  /** See {@link Standing.sinceMs}. */
  readonly sinceMs: number;
  /** See {@link Standing.coolDowns}. */
  readonly coolDowns: number;
  /** See {@link Standing.openings}. */
  readonly openings: number;
}

/**
 * What the machine holds of an account, or of one model on one account. A rest that is over *is* half-open: no timer
 * has to fire. Half-open admits one call, the probe, and what becomes of it decides. After a limit others follow as soon as it
 * is under way for longer than a refusal takes.
 */
export class Standing {
  /** When the present state began; news of calls begun before is old. */
  sinceMs = -Infinity;
  /** Cool-downs without a hint in a row. */
  coolDowns = 0;
  /** Times the circuit opened in a row. */
  openings = 0;
  private state: MachineState = closed;
  /** What other processes have told of it, or were told. */
  private told: MachineState = closed;
  private probe: object | null = null;
  private probeSinceMs = -Infinity;
  /** A probe that is under way for so long was accepted; `Infinity` when only its end can tell. */
  private patienceMs = Infinity;

  stateAt(nowMs: number): MachineState {
    const { state } = this;
    return 'untilMs' in state && state.untilMs <= nowMs ? { kind: 'half_open', rule: state.rule } : state;
  }

  /** Whether nothing was ever held against it, or all is forgiven. */
  get isClosed(): boolean {
    return this.state === closed;
  }

  /** From when a call is admitted: `-Infinity` now, `Infinity` when only an event helps. */
  admitsFromMs(nowMs: number): number {
    const { state } = this;
    if (state === closed) return -Infinity;
    const restsUntilMs = endOf(state);
    if (restsUntilMs > nowMs) return restsUntilMs;
    const acceptedFromMs = this.probe === null ? -Infinity : Math.ceil(this.probeSinceMs + this.patienceMs);
    return acceptedFromMs > nowMs ? acceptedFromMs : -Infinity;
  }

  isProbe(call: object): boolean {
    return this.probe === call;
  }

  /** A call was admitted. */
  noteStart(call: object, nowMs: number): void {
    if (this.isClosed) return;
    if (this.probe !== null) {
      // The probe was accepted, or this one would not have been admitted.
      this.coolDowns = 0;
      return;
    }
    this.probe = call;
    this.probeSinceMs = nowMs;
  }

  /** A call has ended, whatever became of it. */
  noteEnd(call: object): void {
    if (this.probe === call) this.probe = null;
  }

  /**
   * Takes it out of service, unless it is out for longer already.
   *
   * @param patienceMs a probe that is under way for so long was accepted
   */
  takeOut(state: MachineState, nowMs: number, patienceMs = Infinity): void {
    if (endOf(state) <= Math.max(nowMs, endOf(this.state))) return;
    this.enter(state, nowMs);
    this.patienceMs = patienceMs;
  }

  /** A passed test ends any rest: one real call decides. */
  halfOpen(rule: string, nowMs: number): void {
    if (!this.isClosed) this.enter({ kind: 'half_open', rule }, nowMs);
  }

  /** A cool-down was not its fault: one real call decides. */
  endCoolDown(rule: string, nowMs: number): void {
    if (this.state.kind === 'cooling' && this.state.untilMs > nowMs) this.halfOpen(rule, nowMs);
  }

  close(nowMs: number): void {
    this.coolDowns = 0;
    this.openings = 0;
    this.enter(closed, nowMs);
  }

  /** Puts back what was saved. */
  restore(state: MachineState, coolDowns: number, openings: number, nowMs: number): void {
    this.coolDowns = coolDowns;
    this.openings = openings;
    this.enter(state.kind === 'closed' ? closed : state, nowMs);
    this.told = this.state;
  }

  /** Whether other processes believe that something is held against it. */
  get isToldHeld(): boolean {
    return this.told !== closed;
  }

  /** What is held is told once more: somebody has not heard it. */
  tellAnew(): void {
    if (!this.isClosed) this.told = closed;
  }

  /** @returns what has changed since it was last asked, other than by what other processes told; `null`: nothing */
  takeNews(): StandingNews | null {
    const { state, told: was, sinceMs, coolDowns, openings } = this;
    if (state === was) return null;
    this.told = state;
    return { state, was, sinceMs, coolDowns, openings };
  }

  /**
   * Another process has news of it. What takes it out never shortens a longer rest; what lets it in ends the rest that is meant
   * there, and no other. A failure that time does not end, but something has ended here since, is answered: they have missed that.
   */
  hear({ state, was, sinceMs, coolDowns, openings }: StandingNews, nowMs: number): void {
    const before = this.state;
    if (state.kind === 'closed' || state.kind === 'half_open') {
      if (this.isClosed || !isSameFailure(this.state, was)) return;
      if (state.kind === 'closed') this.close(nowMs);
      else this.halfOpen(state.rule, nowMs);
    } else if (this.isClosed && this.sinceMs > sinceMs && isUntilEnded(state)) {
      this.told = state;
      return;
    } else this.takeOut(state, nowMs);
    if (this.state === before) return;
    this.told = this.state;
    if (this.isClosed) return;
    this.coolDowns = Math.max(this.coolDowns, coolDowns);
    this.openings = Math.max(this.openings, openings);
  }

  private enter(state: MachineState, nowMs: number): void {
    this.state = state;
    this.sinceMs = nowMs;
    this.probe = null;
  }
}

/** Whether what is held is what was held elsewhere, or the same failure with a shorter rest. */
function isSameFailure(held: MachineState, elsewhere: MachineState): boolean {
  if (held.kind !== elsewhere.kind) return false;
  const isSameRule = 'rule' in held && 'rule' in elsewhere && held.rule === elsewhere.rule;
  return isSameRule && endOf(held) <= endOf(elsewhere);
}

/** Whether a person, another credential or a passed test ends it, or money: hardly ever time. */
const isUntilEnded = ({ kind }: MachineState): boolean => kind === 'auth_failed' || kind === 'out_of_quota';

function endOf(state: MachineState): number {
  if ('untilMs' in state) return state.untilMs;
  return state.kind === 'auth_failed' ? Infinity : -Infinity;
}
