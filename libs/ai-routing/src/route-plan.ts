import type { Random } from '#kernel';
import type { TargetPermit } from './relay-contract.js';

/** One place a call may go: a model of a provider, with its share among the targets of its tier. */
export interface RouteTarget {
  /** Name of a provider row, or a provider kind. */
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Share of first attempts within the tier, > 0. */
  readonly weight: number;
  /** Tokens the model takes, > 0: calls that a smaller one found too long go on to it. Default: nobody knows. */
  readonly contextTokens?: number;
}

/** Tiers of targets in order of trial: the second tier only when nothing of the first could answer. */
export type RouteTiers = readonly (readonly RouteTarget[])[];

/**
 * Resolves the model a caller named.
 *
 * @param model a route's name, or `provider/model`; a route wins over a provider of the same name
 * @param routes the routes in force, by name
 * @param isProvider whether a pool of this name exists
 * @returns tiers in order of trial, or `null` when nothing serves the model
 */
export function planRoute(
  model: string,
  routes: ReadonlyMap<string, RouteTiers>,
  isProvider: (name: string) => boolean,
): RouteTiers | null {
  const tiers = routes.get(model);
  if (tiers !== undefined) return tiers;
  const target = targetNamed(model);
  return target !== null && isProvider(target.provider) ? [[target]] : null;
}

/** The targets of a plan that a caller may reach; tiers that are left with none are left out. */
export function tiersWithin(tiers: RouteTiers, asked: string, permit: TargetPermit): RouteTiers {
  return tiers
    .map((tier) => tier.filter(({ provider, model }) => permit.reaches(asked, provider, model)))
    .filter(({ length }) => length > 0);
}

/** Callers choose names: more of them than this are not remembered. */
const mostNames = 2_000;
const longestName = 256;
const known = new Map<string, RouteTarget>();

/** A name comes again with every call: taken apart once, its parts stay the same texts, which look-ups find sooner. */
function targetNamed(name: string): RouteTarget | null {
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) return null;
  const target = { provider: name.slice(0, slash), model: name.slice(slash + 1), weight: 1 };
  if (name.length > longestName) return target;
  if (known.size >= mostNames) known.clear();
  known.set(name, target);
  return target;
}

/** All targets in the order of this call: tier by tier, each as {@link orderTier} has it. */
export function orderTiers(tiers: RouteTiers, random: Random): readonly RouteTarget[] {
  const [first] = tiers;
  if (first !== undefined && tiers.length === 1) return orderTier(first, random);
  return tiers.flatMap((tier) => orderTier(tier, random));
}

/**
 * Puts the targets of one tier in the order of this call: the first drawn by weight, the others behind it by weight.
 *
 * @param random one draw per target but the last
 */
export function orderTier(tier: readonly RouteTarget[], random: Random): readonly RouteTarget[] {
  if (tier.length < 2) return tier;
  const left = [...tier];
  const order: RouteTarget[] = [];
  while (left.length > 1) {
    order.push(...left.splice(drawIndex(left, random), 1));
  }
  return order.concat(left);
}

function drawIndex(targets: readonly RouteTarget[], random: Random): number {
  const total = targets.reduce((sum, target) => sum + target.weight, 0);
  let rest = random() * total;
  const index = targets.findIndex((target) => (rest -= target.weight) < 0);
  return index === -1 ? targets.length - 1 : index;
}
