import type { LimitReading } from '#kernel';
import type { PooledAccount } from '../pooled-account.js';
import type { Reservation } from '../reservation.js';
import { tokenWindow, Watch } from './watch.js';
import type { Verdict } from './watch.js';

/** Who loses this share of its limit in a minute to nobody it knows is suspect. */
const suspectShare = 0.1;
const minuteMs = 60_000;
/** Accounts watched at once. */
const mostSuspects = 32;

/** What a provider has said to be gone, from an instant on. */
interface Loss {
  readonly fromMs: number;
  readonly lowered: number;
}

/** What was found out: accounts that share a limit, or one that does not share its group's. */
export type Finding =
  | { readonly kind: 'shared'; readonly members: readonly PooledAccount[] }
  | { readonly kind: 'apart'; readonly account: PooledAccount };

/**
 * Finds accounts that share a limit though nobody said so, such as two keys of one organisation. Each counts its own calls alone, so
 * that its provider again and again tells of less than it thought; from then on its answers are compared with what other
 * such accounts spend, as long as they are in the pool.
 */
export class CommonLimits {
  private readonly losses = new Map<PooledAccount, Loss>();
  private readonly watches = new Map<PooledAccount, Watch | null>();

  noteStart(call: Reservation): void {
    if (this.watches.size > 0) this.watches.get(call.account)?.noteStart(call);
  }

  noteEnd(call: Reservation): void {
    if (this.watches.size > 0) this.watches.get(call.account)?.noteEnd(call);
  }

  /** What was learnt from the answer of an accepted call; `null` most of the time. */
  noteAnswer(call: Reservation, said: readonly LimitReading[], nowMs: number): Finding | null {
    const { account } = call;
    const watch = this.watches.get(account);
    if (watch === undefined) {
      this.noteLoss(account, nowMs);
      return null;
    }
    const verdict = watch?.noteAnswer(call, said, call.takenAtMs, nowMs) ?? null;
    if (watch === null || verdict === null) return null;
    const finding = findingOf(account, verdict);
    const isCoincidence = finding !== null && takesApart(finding) && !watch.isDoubtful;
    watch.isDoubtful = isCoincidence;
    return isCoincidence ? null : finding;
  }

  /** Forgets accounts that have left the pool, or whose group was told. */
  keep(accounts: ReadonlySet<PooledAccount>): void {
    for (const known of [this.losses, this.watches]) {
      for (const account of known.keys()) {
        if (!accounts.has(account) || account.spec.quotaGroup !== null) known.delete(account);
      }
    }
    this.restart();
  }

  private noteLoss(account: PooledAccount, nowMs: number): void {
    const window = tokenWindow(account);
    if (window === undefined || account.group !== null) return;
    const known = this.losses.get(account);
    if (known === undefined || nowMs - known.fromMs > minuteMs) {
      this.losses.set(account, { fromMs: nowMs, lowered: window.lowered });
      return;
    }
    const isSuspect = window.lowered - known.lowered > suspectShare * window.limitUnits;
    if (!isSuspect) return;
    this.losses.delete(account);
    if (this.watches.size >= mostSuspects) this.dropOne();
    this.watches.set(account, null);
    this.restart();
  }

  /** Who is watched longest and was not found to share anything; else whoever is watched longest. */
  private dropOne(): void {
    const all = [...this.watches.keys()];
    const dropped = all.find(({ group }) => group === null) ?? all[0];
    if (dropped !== undefined) this.watches.delete(dropped);
  }

  /** Only accounts whose limits are told alike may share one. */
  private restart(): void {
    const byLimit = Map.groupBy(this.watches.keys(), (account) => tokenWindow(account)?.limitUnits ?? null);
    for (const [limit, alike] of byLimit) {
      for (const account of alike) {
        const peers = limit === null ? [] : alike.filter((one) => one !== account);
        this.watches.set(account, peers.length === 0 ? null : new Watch(account, peers));
      }
    }
  }
}

/** @returns `null` when it is known */
function findingOf(account: PooledAccount, verdict: NonNullable<Verdict>): Finding | null {
  const { group } = account;
  if (verdict.kind === 'alone') return group === null ? null : { kind: 'apart', account };
  const members = [account, ...verdict.with];
  const isKnown = group?.members.length === members.length && members.every((one) => one.group === group);
  return isKnown ? null : { kind: 'shared', members };
}

/** Whether it contradicts what was found before. */
function takesApart(finding: Finding): boolean {
  if (finding.kind === 'apart') return true;
  const { members } = finding;
  return members.some(({ group }) => group?.members.some((one) => !members.includes(one)));
}
