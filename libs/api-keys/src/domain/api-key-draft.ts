import { DomainError } from '#kernel';
import { addressFaults } from '../addresses/address-list.js';
import { scopes, type Scope } from '../caller.js';
import { isText, listFaults, type Fault } from './fault.js';
import { budgetFaults, limitFaults, type BudgetDraft, type LimitsDraft } from './limits-draft.js';
import type { NameRules } from './access-rules.js';

/** What can be said about a key by the admin API. Fields left out are not changed; on creation they are empty. */
export interface ApiKeyDraft {
  /** 1 to 200 characters. */
  readonly name: string;
  /** At least one of the known scopes. */
  readonly scopes: readonly string[];
  /** Share while many wait, relative to other keys: > 0 to 1,000, default 1. */
  readonly weight?: number;
  /** Who answers for the key, up to 200 characters. */
  readonly owner?: string | null;
  /** In the future; `null`: never. */
  readonly expiresAt?: Date | null;
  /** Up to 500 names each, of 1 to 200 characters; `*` only at the end. */
  readonly models?: Partial<NameRules>;
  /** Names of providers, as `models`. */
  readonly providers?: Partial<NameRules>;
  /** Names of tags that calls must and may carry, up to 500 each; `allowed` null: any. */
  readonly tags?: { readonly required?: readonly string[]; readonly allowed?: readonly string[] | null };
  /** Anything of the client's own, up to 16 KiB of JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Fields left out of a change stay; `null` takes one away, or all. */
  readonly limits?: LimitsDraft | null;
  /** As `limits`. */
  readonly budget?: BudgetDraft | null;
  /** From where the key may be used: up to 500 addresses and CIDRs; none: from everywhere. */
  readonly ipAllowlist?: readonly string[] | null;
}

const maxTextLength = 200;
const tagPattern = /^[\w.-]{1,64}$/;
const maxWeight = 1000;
const maxMetadataBytes = 16 * 1024;
/** A NUL or half a surrogate pair, as `JSON.stringify` escapes them: Postgres takes neither in `jsonb`. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Whether a text is one of the known scopes. */
const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text);

/**
 * The scopes of a draft, each once, in their own order. Call it after {@link refuseFaultyDraft}.
 */
export const scopesOf = (texts: readonly string[]): Scope[] => [...new Set(texts.filter(isScope))];

/**
 * Refuses a draft, or a change, that cannot be kept.
 *
 * @throws DomainError `invalid_request` with a fault for each field
 */
export function refuseFaultyDraft(draft: Partial<ApiKeyDraft>, nowMs: number): void {
  const faults = [
    ...nameFaults(draft.name),
    ...scopeFaults(draft.scopes),
    ...weightFaults(draft.weight),
    ...ownerFaults(draft.owner),
    ...expiryFaults(draft.expiresAt, nowMs),
    ...patternFaults('models', draft.models),
    ...patternFaults('providers', draft.providers),
    ...tagFaults(draft.tags),
    ...metadataFaults(draft.metadata),
    ...limitFaults(draft.limits),
    ...budgetFaults(draft.budget),
    ...addressFaults('ipAllowlist', draft.ipAllowlist ?? []),
  ];
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new DomainError('invalid_request', `${first.field} ${first.message}${more}.`, {
    field: first.field,
    faults,
  });
}

/** Types promise more than a client's JSON keeps: `null` comes through wherever a field is optional. */
function nameFaults(name: string | undefined): Fault[] {
  if (name === undefined || isText(name)) return [];
  return [{ field: 'name', message: `must have 1 to ${maxTextLength} printable characters` }];
}

function ownerFaults(owner: string | null | undefined): Fault[] {
  if (owner === undefined || owner === null || isText(owner)) return [];
  return [{ field: 'owner', message: `must have 1 to ${maxTextLength} printable characters, or be null` }];
}

function weightFaults(weight: number | undefined): Fault[] {
  if (weight === undefined || (typeof weight === 'number' && weight > 0 && weight <= maxWeight)) return [];
  return [{ field: 'weight', message: `must be a number above 0 and at most ${maxWeight}` }];
}

function scopeFaults(texts: readonly string[] | undefined): Fault[] {
  if (texts === undefined || (Array.isArray(texts) && texts.length > 0 && texts.every(isScope))) return [];
  return [{ field: 'scopes', message: `must be one or more of ${scopes.join(', ')}` }];
}

function expiryFaults(expiresAt: Date | null | undefined, nowMs: number): Fault[] {
  if (expiresAt === undefined || expiresAt === null || expiresAt.getTime() > nowMs) return [];
  return [{ field: 'expiresAt', message: 'must be a time in the future, or null' }];
}

function patternFaults(field: string, rules: Partial<NameRules> | undefined): Fault[] {
  const must = "must be a name, with '*' at its end at most";
  const isPattern = (text: unknown): boolean => isText(text) && !text.slice(0, -1).includes('*');
  return (['allow', 'deny'] as const).flatMap((list) =>
    listFaults(`${field}.${list}`, rules?.[list], isPattern, must),
  );
}

function tagFaults(tags: ApiKeyDraft['tags']): Fault[] {
  const isTag = (text: unknown): boolean => typeof text === 'string' && tagPattern.test(text);
  const must = 'must be the name of a tag: up to 64 letters, digits, _, . and -';
  return [
    ...listFaults('tags.required', tags?.required, isTag, must),
    ...listFaults('tags.allowed', tags?.allowed ?? undefined, isTag, must),
  ];
}

function metadataFaults(metadata: Readonly<Record<string, unknown>> | undefined): Fault[] {
  if (metadata === undefined) return [];
  if (metadata === null || Array.isArray(metadata))
    return [{ field: 'metadata', message: 'must be an object' }];
  const json = JSON.stringify(metadata);
  if (Buffer.byteLength(json) > maxMetadataBytes) {
    return [{ field: 'metadata', message: `may have at most ${maxMetadataBytes} bytes of JSON` }];
  }
  return unstorable.test(json)
    ? [{ field: 'metadata', message: 'has characters that cannot be stored' }]
    : [];
}
