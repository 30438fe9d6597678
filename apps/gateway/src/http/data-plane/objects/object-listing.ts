import type { Pin, PinPage } from '#ai-routing';
import { DomainError } from '#kernel';
import type { ObjectRoute } from './object-routes.js';

/** A page of a list as a caller asks for it. */
export interface ListRequest {
  readonly page: PinPage;
  /** Whether the page stands before the named thing, and was read backwards. */
  readonly isReversed: boolean;
}

const usualLimit = 20;
const mostLimit = 100;

/**
 * Reads the query of a list: `limit`, 1 to 100, default 20; more than 100 are answered with 100. `after`, `order` and
 * `purpose` of OpenAI; `after_id` and `before_id` of Anthropic.
 *
 * @throws DomainError `invalid_request` naming the parameter
 */
export function readListRequest({ wireFormat }: ObjectRoute, query: string): ListRequest {
  const given = new URLSearchParams(query);
  const limit = readLimit(given.get('limit'));
  if (wireFormat === 'anthropic') {
    const before = given.get('before_id');
    const order = before === null ? 'desc' : 'asc';
    const after = before ?? given.get('after_id');
    return { page: { limit: limit + 1, after, order, having: {} }, isReversed: before !== null };
  }
  const order = given.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw wrong('order', "must be 'asc' or 'desc'");
  const purpose = given.get('purpose');
  const having: PinPage['having'] = purpose === null ? {} : { purpose };
  return { page: { limit: limit + 1, after: given.get('after'), order, having }, isReversed: false };
}

/** The body of a list, in the form of the wire format. One pin more than the limit tells that there is more. */
export function listBody(
  { wireFormat }: ObjectRoute,
  { page: { limit }, isReversed }: ListRequest,
  pins: readonly Pin[],
): object {
  const shown = pins.slice(0, limit - 1);
  if (isReversed) shown.reverse();
  return {
    ...(wireFormat === 'openai' ? { object: 'list' } : {}),
    data: shown.map(({ id, body }) => body ?? { id }),
    first_id: shown[0]?.id ?? null,
    last_id: shown.at(-1)?.id ?? null,
    has_more: pins.length >= limit,
  };
}

function readLimit(text: string | null): number {
  if (text === null) return usualLimit;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw wrong('limit', 'must be a whole number, at least 1');
  return Math.min(limit, mostLimit);
}

const wrong = (field: string, fault: string): DomainError =>
  new DomainError('invalid_request', `'${field}' ${fault}.`, { field });
