import { Inject, Injectable } from '@nestjs/common';
import { readAllowances, tellsAllowances, type Allowance, type AnswerHeaders } from '#ai-provider';
import { CLOCK, type AccountId, type Clock } from '#kernel';

/** Accounts whose allowances are remembered; beyond it, those are forgotten that were met first. */
const maxAccounts = 10_000;

/** What a provider said last of one allowance. */
export interface NotedAllowance extends Allowance {
  /** When it said so, ms since the epoch. */
  readonly atMs: number;
}

/** One answer in so many ms is read, of each account: the next says it again. */
const pauseMs = 1_000;

interface Noted {
  readonly byName: Map<string, NotedAllowance>;
  lastMs: number;
}

/** Remembers what providers say of limits that no account is chosen by, for people to see. In this process alone, until it ends. */
@Injectable()
export class AccountAllowances {
  private readonly byAccount = new Map<AccountId, Noted>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Takes note of the headers of any answer; those that tell nothing of the kind cost a few look-ups. */
  note(id: AccountId, headers: AnswerHeaders): void {
    if (!tellsAllowances(headers)) return;
    const atMs = this.clock.nowMs();
    const noted = this.byAccount.get(id) ?? this.open(id);
    if (atMs - noted.lastMs < pauseMs) return;
    noted.lastMs = atMs;
    const told = readAllowances(headers, atMs);
    const { byName } = noted;
    // Its windows may change their length, and with it their names.
    if (told.some(isOfPlan)) for (const old of byName.values()) if (isOfPlan(old)) byName.delete(old.name);
    for (const allowance of told) byName.set(allowance.name, { ...allowance, atMs });
  }

  /** What was said last, by name; empty where nothing was. */
  of(id: AccountId): readonly NotedAllowance[] {
    return [...(this.byAccount.get(id)?.byName.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private open(id: AccountId): Noted {
    const [oldest] = this.byAccount.keys();
    if (oldest !== undefined && this.byAccount.size >= maxAccounts) this.byAccount.delete(oldest);
    const noted = { byName: new Map<string, NotedAllowance>(), lastMs: -Infinity };
    this.byAccount.set(id, noted);
    return noted;
  }
}

const isOfPlan = ({ name }: Allowance): boolean => name.startsWith('plan_');
