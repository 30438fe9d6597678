import {
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';

const maxTiers = 10;
const maxTargets = 50;
const maxContextTokens = 1_000_000_000;

/** Checks `tiers`: a list of lists of `{provider, model, weight, contextTokens}`. */
@ValidatorConstraint({ name: 'routeTiers' })
export class RouteTiersRule implements ValidatorConstraintInterface {
  validate(tiers: unknown): boolean {
    return faultOf(tiers) === null;
  }

  defaultMessage({ value }: ValidationArguments): string {
    return faultOf(value) ?? 'tiers is not valid';
  }
}

/** @returns what is wrong, or `null` */
function faultOf(tiers: unknown): string | null {
  if (!Array.isArray(tiers) || tiers.length === 0 || tiers.length > maxTiers) {
    return `tiers must be a list of 1 to ${maxTiers} lists of targets`;
  }
  for (const [i, tier] of tiers.entries()) {
    if (!Array.isArray(tier) || tier.length === 0 || tier.length > maxTargets) {
      return `tiers[${i}] must be a list of 1 to ${maxTargets} targets`;
    }
    for (const [j, target] of tier.entries()) {
      const fault = targetFault(target);
      if (fault !== null) return `tiers[${i}][${j}]${fault}`;
    }
  }
  return null;
}

function targetFault(target: unknown): string | null {
  if (typeof target !== 'object' || target === null) return ' must be an object';
  const { provider, model, weight, contextTokens, ...unknown } = target as Record<string, unknown>;
  if (!isName(provider)) return '.provider must be a text of 1 to 128 characters';
  if (!isName(model)) return '.model must be a text of 1 to 128 characters';
  if (weight !== undefined && !(typeof weight === 'number' && weight > 0 && weight <= 1e6)) {
    return '.weight must be a number above 0 and at most 1000000';
  }
  if (contextTokens !== undefined && !isTokens(contextTokens)) {
    return `.contextTokens must be a whole number from 1 to ${maxContextTokens}`;
  }
  const [field] = Object.keys(unknown);
  return field === undefined ? null : `.${field} should not exist`;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 128;
}

const isTokens = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maxContextTokens;
