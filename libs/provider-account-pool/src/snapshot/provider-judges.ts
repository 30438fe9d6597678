import { ProviderJudge, type ProviderAdapter } from '#ai-provider';
import { rulesInForce } from '../domain/failure-rule.js';
import type { PoolSnapshot } from '../domain/pool-snapshot.js';

/** The judges of all pools: what they remember outlives changes of the configuration. */
export class ProviderJudges {
  private readonly judges = new Map<
    string,
    { readonly adapter: ProviderAdapter; readonly judge: ProviderJudge }
  >();

  /** The judge of a pool; a new one where there is none, or the pool has become one of another kind. */
  readonly of = (pool: string, adapter: ProviderAdapter): ProviderJudge => {
    const known = this.judges.get(pool);
    if (known?.adapter === adapter) return known.judge;
    const judge = new ProviderJudge(adapter);
    this.judges.set(pool, { adapter, judge });
    return judge;
  };

  /** Puts the rules of a snapshot in force and forgets the judges of pools that have gone. */
  follow({ pools, failureRules }: PoolSnapshot): void {
    for (const { judge, provider } of pools.values()) {
      const rules = provider === null ? undefined : failureRules.get(provider.id);
      judge.follow(rulesInForce(rules ?? []));
    }
    for (const name of this.judges.keys()) if (!pools.has(name)) this.judges.delete(name);
  }
}
