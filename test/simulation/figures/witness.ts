import type { Fault } from '../provider/account-truth.js';
import type { SimAccount } from '../provider/sim-account.js';
import type { SimCall } from '../workload/sim-call.js';
import { PromptCache } from '../provider/prompt-cache.js';

/** What became of one fault at one account. */
export interface Casualty {
  readonly fault: Fault;
  readonly accountId: string;
  /** Calls that met it. */
  burnt: number;
  /** Of those, sent after the gateway had heard of it. */
  wasted: number;
  /** When the gateway first heard of it. */
  knownMs: number;
  /** First call served by the account after the fault, ms after its end; `null` when none was. */
  backAfterMs: number | null;
}

/** The time a caller was told to stay away. */
export interface Absence {
  readonly fromMs: number;
  readonly untilMs: number;
  /** From when the call could have been served, ms since the epoch; `null` when not before it came back. */
  readonly couldServeMs: number | null;
}

/** What one caller wanted and got, in the unit that counts. */
export interface CallerTally {
  readonly weight: number;
  wanted: number;
  served: number;
}

/** What a witness has to know of those it looks at. */
export interface Calls {
  /** In the unit that counts. */
  readonly sizeOf: (call: SimCall) => number;
  readonly weightOf: (caller: number) => number;
  readonly patienceMs: (caller: number) => number;
}

/** Sees everything that happens in a run and writes down what arrived in the measured span. */
export class Witness {
  calls = 0;
  served = 0;
  /** Refused by the gateway for want of capacity. */
  refused = 0;
  /** Of those, while an account could have taken the call. */
  refusedInVain = 0;
  /** Sum over the refused. */
  idleShares = 0;
  /** Answered with a failure of a provider. */
  broken = 0;
  /** Upstream calls. */
  sent = 0;
  /** Upstream calls that failed and that knowledge would have avoided: see {@link Witness.noteFailure}. */
  wasted = 0;
  /** In the unit that counts. */
  wantedUnits = 0;
  servedUnits = 0;
  cachedTokens = 0;
  cachableTokens = 0;
  readonly waitsMs: number[] = [];
  readonly latenciesMs: number[] = [];
  readonly callers = new Map<number, CallerTally>();
  /** Units by what has limits of its own: an account or an organisation. */
  readonly unitsByLimited = new Map<string, number>();
  /** The longest that a call was kept beyond its caller's patience, ms. */
  mostOverdueMs = 0;
  readonly casualties: Casualty[] = [];
  readonly absences: Absence[] = [];
  /** Calls that came back, and of those, calls that were served then. */
  returned = 0;
  servedOnReturn = 0;
  private readonly ideal = new PromptCache();

  /**
   * @param fromMs begin of the measured span, ms since the epoch
   * @param untilMs its end
   */
  constructor(
    private readonly startMs: number,
    readonly fromMs: number,
    readonly untilMs: number,
    private readonly about: Calls,
  ) {}

  noteCall(call: SimCall): void {
    if (!this.isMeasured(call)) return;
    if (call.returns > 0) {
      this.returned += 1;
      return;
    }
    this.calls += 1;
    this.wantedUnits += this.about.sizeOf(call);
    this.tallyOf(call).wanted += this.about.sizeOf(call);
  }

  noteSent(call: SimCall): void {
    if (this.isMeasured(call)) this.sent += 1;
  }

  /** A call was admitted by an account, at the provider's instant; `wasWarm`: its prompt's beginning was cached. */
  noteAdmitted(call: SimCall, account: SimAccount, wasWarm: boolean, nowMs: number): void {
    const { conversation } = call;
    if (conversation !== null) {
      const couldBeWarm = this.ideal.isWarm(conversation, nowMs);
      this.ideal.keepWarm(conversation, nowMs);
      if (this.isMeasured(call)) {
        if (couldBeWarm) this.cachableTokens += call.prefixTokens;
        if (wasWarm) this.cachedTokens += call.prefixTokens;
      }
    }
    const { id, organisation } = account.truth;
    const limited = organisation ?? id;
    if (nowMs >= this.fromMs && nowMs < this.untilMs) {
      const units = (this.unitsByLimited.get(limited) ?? 0) + this.about.sizeOf(call);
      this.unitsByLimited.set(limited, units);
    }
    this.noteBack(id, nowMs);
  }

  noteServed(call: SimCall, waitedMs: number, tookMs: number): void {
    if (!this.isMeasured(call)) return;
    this.served += 1;
    if (call.returns > 0) this.servedOnReturn += 1;
    this.servedUnits += this.about.sizeOf(call);
    this.tallyOf(call).served += this.about.sizeOf(call);
    this.noteWaited(call, waitedMs);
    this.waitsMs.push(waitedMs);
    this.latenciesMs.push(tookMs);
  }

  /**
   * @param inVain an account could have taken the call
   * @param idleShare of all limits, that nobody else wanted; in [0, 1]
   */
  noteRefused(call: SimCall, waitedMs: number, inVain: boolean, idleShare: number): void {
    if (!this.isMeasured(call)) return;
    this.noteWaited(call, waitedMs);
    this.refused += 1;
    this.idleShares += idleShare;
    if (inVain) this.refusedInVain += 1;
  }

  /** A caller was sent away and will come back. */
  noteAway(call: SimCall, absence: Absence): void {
    if (this.isMeasured(call)) this.absences.push(absence);
  }

  noteBroken(call: SimCall): void {
    if (this.isMeasured(call)) this.broken += 1;
  }

  /**
   * An upstream call failed. It was wasted when knowledge would have avoided it: always when it met a limit, for limits
   * are told or can be counted; else when it was sent after the gateway had heard of the same fault of the same account.
   */
  noteFailure(call: SimCall, accountId: string, fault: Fault | null, sentMs: number, nowMs: number): void {
    const isWaste = fault === null || this.noteCasualty(fault, accountId, sentMs, nowMs);
    if (isWaste && this.isMeasured(call)) this.wasted += 1;
  }

  private noteCasualty(fault: Fault, accountId: string, sentMs: number, nowMs: number): boolean {
    const casualty = this.casualties.find((one) => one.fault === fault && one.accountId === accountId);
    if (casualty === undefined) {
      this.casualties.push({ fault, accountId, burnt: 1, wasted: 0, knownMs: nowMs, backAfterMs: null });
      return false;
    }
    const isWaste = sentMs > casualty.knownMs;
    casualty.burnt += 1;
    if (isWaste) casualty.wasted += 1;
    return isWaste;
  }

  private noteBack(accountId: string, nowMs: number): void {
    for (const casualty of this.casualties) {
      if (casualty.accountId !== accountId || casualty.backAfterMs !== null) continue;
      const sinceEndMs = nowMs - this.startMs - casualty.fault.untilMs;
      if (sinceEndMs >= 0) casualty.backAfterMs = sinceEndMs;
    }
  }

  /** Whether a caller sent it first in the measured span. */
  isMeasured({ arriveMs }: SimCall): boolean {
    return arriveMs >= this.fromMs && arriveMs < this.untilMs;
  }

  private noteWaited({ caller }: SimCall, waitedMs: number): void {
    this.mostOverdueMs = Math.max(this.mostOverdueMs, waitedMs - this.about.patienceMs(caller));
  }

  private tallyOf({ caller }: SimCall): CallerTally {
    const known = this.callers.get(caller);
    if (known !== undefined) return known;
    const fresh = { weight: this.about.weightOf(caller), wanted: 0, served: 0 };
    this.callers.set(caller, fresh);
    return fresh;
  }
}
