import type { Figures } from './figures/figures.js';

/** What was measured of one scenario with one seed. */
export interface Measured {
  readonly own: Figures;
  /** What the oracle makes of the same calls. */
  readonly oracle: () => Figures;
  /** The same calls with nothing going wrong. */
  readonly undisturbed: () => Figures;
}

/** A figure that must be reached. */
export interface Bar {
  readonly label: string;
  readonly of: (measured: Measured) => number;
  readonly target: number;
  readonly kind: 'at least' | 'at most';
}

const atLeast =
  (label: string, of: Bar['of']) =>
  (target: number): Bar => ({ label, of, target, kind: 'at least' });
const atMost =
  (label: string, of: Bar['of']) =>
  (target: number): Bar => ({ label, of, target, kind: 'at most' });

export const goodput = atLeast('goodput / fluid', ({ own }) => own.goodput);
/** Percentage points below the oracle count as they are: 0.005 is half a point. */
export const goodputLostToOracle = atMost('goodput below the oracle', ({ own, oracle }) =>
  Math.max(0, oracle().goodput - own.goodput),
);
export const wasted = atMost('wasted per 1,000', ({ own }) => own.wastedPerMille);
export const refusedInVain = atMost('refused in vain per 1,000', ({ own }) => own.refusedInVainPerMille);
export const refused = atMost('refused per 1,000', ({ own }) => own.refusedPerMille);
export const overdue = atMost('kept beyond patience, ms', ({ own }) => own.mostOverdueMs);
/** @param ids accounts of which none may be used more */
export const mostUsed = (ids: readonly string[]) =>
  atMost('most used account of those', ({ own }) => Math.max(...ids.map((id) => own.utilisation[id] ?? 0)));
/** @param ids accounts of which none may be used less */
export const leastUsed = (ids: readonly string[]) =>
  atLeast('least used account of those', ({ own }) => Math.min(...ids.map((id) => own.utilisation[id] ?? 0)));
/** @param id an account that may serve so many tokens in all */
export const servedInAll = (id: string) =>
  atMost('tokens served in all', ({ own }) => own.servedTokens[id] ?? 0);
export const spread = atMost('spread of utilisation', ({ own }) => own.utilisationSpread);
export const waitP50 = atMost('wait p50, ms', ({ own }) => own.waitP50Ms);
export const waitP99 = atMost('wait p99, ms', ({ own }) => own.waitP99Ms);
export const cacheHits = atLeast('cache hits / ideal', ({ own }) => own.cacheHits);
export const jain = atLeast('Jain, backlogged callers', ({ own }) => own.jain);
export const heaviest = atMost('heaviest caller / fair share', ({ own }) => own.heaviestShare);
export const servedOnReturn = atLeast('served on return', ({ own }) => own.servedOnReturn);
export const returnSlack = atMost('median slack of Retry-After', ({ own }) => own.returnSlack);
export const leftovers = atMost('left in flight or reserved', ({ own }) => own.leftovers.length);
export const slowdown = atMost(
  'p99 / p99 undisturbed',
  ({ own, undisturbed }) => own.latencyP99Ms / undisturbed().latencyP99Ms,
);
/** Calls that met a dead key or spent credit though the gateway had heard of it. */
export const burntKnowingly = atMost('burnt after it was known', ({ own }) =>
  Math.max(0, ...own.casualties.map(({ wasted: burnt }) => burnt)),
);
export const firstBack = atMost('first account back after, s', ({ own }) => backSeconds(own, Math.min));
export const allBack = atMost('last account back after, s', ({ own }) => backSeconds(own, Math.max));

function backSeconds({ casualties }: Figures, of: (...values: number[]) => number): number {
  return casualties.length === 0
    ? 0
    : of(...casualties.map(({ backAfterMs }) => (backAfterMs ?? Infinity) / 1_000));
}

/** Whether a figure reaches its bar. */
export const isReached = ({ kind, target }: Bar, reached: number): boolean =>
  kind === 'at least' ? reached >= target : reached <= target;

/** The worst of several. */
export const worstOf = ({ kind }: Bar, reached: readonly number[]): number =>
  kind === 'at least' ? Math.min(...reached) : Math.max(...reached);
