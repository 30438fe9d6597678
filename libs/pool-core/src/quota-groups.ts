import type { PoolOptions } from './pool-options.js';
import { PooledGroup } from './pooled-account.js';
import type { PooledAccount } from './pooled-account.js';

/** The quota groups of one pool. A group lives as long as it has members; calls of one that is gone settle harmlessly. */
export class QuotaGroups {
  private byId = new Map<string, PooledGroup>();

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
      for (const account of members) account.group = group;
      if (group === null) continue;
      const limits = members[0]?.spec.quotaGroup?.limits;
      if (limits !== undefined) group.limitTo(limits, nowMs);
      group.members = members;
      this.byId.set(group.id, group);
    }
  }
}
