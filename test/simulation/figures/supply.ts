import type { LimitChange } from '../provider/account-truth.js';
import type { SimAccount } from '../provider/sim-account.js';
import type { TokenBucket } from '../provider/token-bucket.js';
import type { Scenario } from '../scenario.js';

/** What accounts could serve in the measured span, in the unit that the scenario counts in. */
export interface Supply {
  /** What a fluid of calls could be served at most: stock and refill. */
  readonly fluid: number;
  /** Refilled while it lasted, by account or organisation. */
  readonly refill: ReadonlyMap<string, number>;
}

/** What accounts refill in the measured span, by account or organisation; what others take is left out. */
export function refillOf(accounts: readonly SimAccount[], scenario: Scenario): Map<string, number> {
  const { counted, measuredMs, outsiders } = scenario;
  return new Map(
    accounts.flatMap((account) => {
      const { truth } = account;
      const left = outsiders?.accounts.includes(truth.id) === true ? 1 - outsiders.share : 1;
      if (counted === 'slot_ms') return [[truth.id, (truth.limits.maxConcurrency ?? 0) * measuredMs]];
      const buckets = countedBuckets(account, scenario);
      // What a day refills in minutes is next to nothing: it is lived on what is in stock.
      const steady = buckets.find(({ windowMs }) => windowMs === 60_000) ?? buckets[0];
      if (steady === undefined) return [];
      return [[truth.organisation ?? truth.id, left * refilled(steady, scenario)]];
    }),
  );
}

/** What is in stock when the measured span begins and is refilled until it ends. To be asked at its beginning. */
export function fluidOf(accounts: readonly SimAccount[], scenario: Scenario, nowMs: number): number {
  if (scenario.counted === 'slot_ms') {
    return [...refillOf(accounts, scenario).values()].reduce((sum, one) => sum + one, 0);
  }
  const byQuota = new Map(
    accounts.map((account) => {
      const amounts = countedBuckets(account, scenario).map(
        (bucket) => Math.max(0, bucket.levelAt(nowMs)) + refilled(bucket, scenario),
      );
      return [account.quota, amounts.length === 0 ? 0 : Math.min(...amounts)];
    }),
  );
  return [...byQuota.values()].reduce((sum, one) => sum + one, 0);
}

const countedBuckets = ({ buckets }: SimAccount, { counted }: Scenario): readonly TokenBucket[] =>
  buckets.filter(({ unit }) => unit === counted);

function refilled(
  { limit, windowMs }: TokenBucket,
  { warmUpMs, measuredMs, limitChange }: Pick<Scenario, 'warmUpMs' | 'measuredMs' | 'limitChange'>,
): number {
  return (limit * measuredMs * meanFactor(limitChange, warmUpMs, measuredMs)) / windowMs;
}

/** By how much limits are larger on average than at the beginning of a span. */
function meanFactor(change: LimitChange | null, fromMs: number, spanMs: number): number {
  if (change === null) return 1;
  const share = Math.min(1, Math.max(0, (fromMs + spanMs - change.atMs) / spanMs));
  return 1 + share * (change.factor - 1);
}
