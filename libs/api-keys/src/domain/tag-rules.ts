import { DomainError } from '#kernel';

const header = 'x-pool-tags';

/** Names of tags that calls of a key carry. */
export interface TagRules {
  /** Each call must have them. */
  readonly required: readonly string[];
  /** No call may have others; `null`: any. What is required is allowed. */
  readonly allowed: readonly string[] | null;
}

/** @returns `null` when there is no rule */
export function tagRulesOf(required: readonly string[], allowed: readonly string[] | null): TagRules | null {
  return required.length === 0 && allowed === null ? null : { required, allowed };
}

/**
 * Refuses a call whose tags are not as its key wants them.
 *
 * @throws DomainError `invalid_request` naming the tag
 */
export function refuseWrongTags(
  { required, allowed }: TagRules,
  tags: Readonly<Record<string, string>>,
): void {
  const missing = required.find((name) => !Object.hasOwn(tags, name));
  if (missing !== undefined) throw wrongTags(`must set the tag '${missing}': the API key requires it`);
  if (allowed === null) return;
  const foreign = Object.keys(tags).find((name) => !allowed.includes(name) && !required.includes(name));
  if (foreign !== undefined)
    throw wrongTags(`may not set the tag '${foreign}': the API key does not allow it`);
}

const wrongTags = (fault: string): DomainError =>
  new DomainError('invalid_request', `The header ${header} ${fault}.`, { field: header });
