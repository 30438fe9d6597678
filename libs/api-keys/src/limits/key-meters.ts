import { parseUsd } from '#kernel';
import type { ApiKeyEntity } from '../persistence/api-key.entity.js';
import { KeyBudget, type BudgetLimits } from './key-budget.js';
import { KeyMeter, type MeterParts } from './key-meter.js';
import type { KeyLimits } from './limit-store.js';

/** The meters of the keys in the snapshot that have limits or a budget: never more than keys. */
export class KeyMeters {
  private readonly meters = new Map<string, KeyMeter>();

  constructor(private readonly parts: MeterParts) {}

  /** The meter of a key, which goes on counting where its limits changed; `null` when the key has none. */
  of({
    id,
    limits: given,
    budget: amounts,
  }: Pick<ApiKeyEntity, 'id' | 'limits' | 'budget'>): KeyMeter | null {
    const limits = limitsOf(given);
    const bounds = boundsOf(amounts);
    if (limits === null && bounds === null) return null;
    const meter = this.meters.get(id) ?? new KeyMeter(id, this.parts, limits, null);
    meter.limits = limits;
    if (bounds === null) meter.budget = null;
    else if (meter.budget === null) meter.budget = new KeyBudget(bounds);
    else meter.budget.limits = bounds;
    this.meters.set(id, meter);
    return meter;
  }

  /** Forgets the meters of all other keys. */
  keepOnly(meters: ReadonlySet<KeyMeter | null>): void {
    for (const [id, meter] of this.meters) if (!meters.has(meter)) this.meters.delete(id);
  }

  /** The budgets that are kept, by id of their key. */
  budgets(): ReadonlyMap<string, KeyBudget> {
    const entries = [...this.meters].flatMap(([id, { budget }]) =>
      budget === null ? [] : [[id, budget] as const],
    );
    return new Map(entries);
  }
}

function limitsOf({ rpm = null, tpm = null, maxConcurrency = null }: Partial<KeyLimits>): KeyLimits | null {
  return rpm === null && tpm === null && maxConcurrency === null ? null : { rpm, tpm, maxConcurrency };
}

function boundsOf({ dailyUsd, monthlyUsd }: Readonly<Record<string, string>>): BudgetLimits | null {
  if (dailyUsd === undefined && monthlyUsd === undefined) return null;
  return { dailyNanoUsd: nanoUsdOf(dailyUsd), monthlyNanoUsd: nanoUsdOf(monthlyUsd) };
}

/** An amount that cannot be read lets nothing be spent. */
function nanoUsdOf(usd: string | undefined): number | null {
  if (usd === undefined) return null;
  try {
    return Number(parseUsd(usd));
  } catch {
    return 0;
  }
}
