import type { PoolOptions } from './pool-options.js';
import { PooledGroup } from './pooled-account.js';
import type { PooledAccount } from './pooled-account.js';

/** The quota groups of one pool: those that people configured, and those that were found out. A group lives as long as it has members; calls of one that is gone settle harmlessly. */
export class QuotaGroups {
  private byId = new Map<string, PooledGroup>();
  /** Found out, not configured. */
  private learnt: readonly PooledGroup[] = [];
  private found = 0;

  constructor(private readonly options: PoolOptions) {}

  /**
   * Puts every account into the group that its configuration names. Limits that members give differently are those of
   * the first member.
   */
  assign(accounts: readonly PooledAccount[], nowMs: number): void {
    const before = this.byId;
    this.byId = new Map();
    const membersById = Map.groupBy(accounts, ({ spec }) => spec.quotaGroup?.id ?? null);
    for (const [id, members] of membersById) {
      const group = id === null ? null : (before.get(id) ?? new PooledGroup(id, this.options));
      for (const account of members) account.enter(group, nowMs);
      if (group === null) continue;
      const limits = members[0]?.spec.quotaGroup?.limits;
      if (limits !== undefined) group.limitTo(limits, nowMs);
      group.members = members;
      this.byId.set(group.id, group);
    }
    const present = new Set(accounts);
    this.keepTogether(this.learnt, (account) => present.has(account), nowMs);
  }

  /** One that people configured; `undefined` when there is none. */
  configured(id: string): PooledGroup | undefined {
    return this.byId.get(id);
  }

  /** Puts accounts into one group, out of those that they were found in before. What it admits it learns from headers. */
  join(accounts: readonly PooledAccount[], nowMs: number): void {
    this.found += 1;
    const group = new PooledGroup(`found ${this.found}`, this.options);
    this.gather(group, accounts, nowMs);
    this.keepTogether([...this.learnt, group], (account, one) => account.group === one, nowMs);
  }

  /** Takes a found group apart; those that people configured stay. */
  part(group: PooledGroup, nowMs: number): void {
    if (!this.learnt.includes(group)) return;
    for (const account of group.members) account.enter(null, nowMs);
    this.learnt = this.learnt.filter((one) => one !== group);
  }

  /** A found group that is left with one member is none. */
  private keepTogether(
    groups: readonly PooledGroup[],
    stays: (account: PooledAccount, group: PooledGroup) => boolean,
    nowMs: number,
  ): void {
    for (const group of groups)
      this.gather(
        group,
        group.members.filter((account) => stays(account, group)),
        nowMs,
      );
    this.learnt = groups.filter(({ members }) => members.length > 1);
  }

  /** Whoever people have put into a group since is not in a found one. */
  private gather(group: PooledGroup, accounts: readonly PooledAccount[], nowMs: number): void {
    group.members = accounts.filter(({ spec }) => spec.quotaGroup === null);
    const isGroup = group.members.length > 1;
    for (const account of group.members) account.enter(isGroup ? group : null, nowMs);
  }
}
