import type { ObjectKind } from '#ai-provider';
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
const usualPageSize = 10;
const tokenPattern = /^(\d{1,15}) ([\w-]{1,256})$/;
const mostLimit = 100;

/**
 * Reads the query of a list: `limit`, 1 to 100, default 20; more than 100 are answered with 100. `after`, `order` and
 * `purpose` of OpenAI; `after_id` and `before_id` of Anthropic; `pageSize`, default 10, and `pageToken` of Gemini.
 *
 * @throws DomainError `invalid_request` naming the parameter
 */
export function readListRequest({ wireFormat }: ObjectRoute, query: string): ListRequest {
  const given = new URLSearchParams(query);
  if (wireFormat === 'gemini') return readGeminiList(given);
  const limit = readLimit(given.get('limit'), 'limit', usualLimit);
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

/** A token tells where a page ended: what stood there may be deleted before the next is asked for. */
function readGeminiList(given: URLSearchParams): ListRequest {
  const limit = readLimit(given.get('pageSize'), 'pageSize', usualPageSize);
  const token = given.get('pageToken') ?? '';
  const [, createdAtMs, id] = tokenPattern.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (token !== '' && id === undefined) throw wrong('pageToken', 'is none that was given out');
  const after = id === undefined ? null : { createdAtMs: Number(createdAtMs), id };
  return { page: { limit: limit + 1, after, order: 'desc', having: {} }, isReversed: false };
}

/** The body of a list, in the form of the wire format. One pin more than the limit tells that there is more. */
export function listBody(
  { wireFormat, kind }: ObjectRoute,
  { page: { limit }, isReversed }: ListRequest,
  pins: readonly Pin[],
): object {
  const shown = pins.slice(0, limit - 1);
  if (wireFormat === 'gemini') return geminiList(kind, shown, pins.length >= limit);
  if (isReversed) shown.reverse();
  return {
    ...(wireFormat === 'openai' ? { object: 'list' } : {}),
    data: shown.map(({ id, body }) => body ?? { id }),
    first_id: shown[0]?.id ?? null,
    last_id: shown.at(-1)?.id ?? null,
    has_more: pins.length >= limit,
  };
}

/** As Gemini has it: no member for an empty list, and a token only where more follows. */
function geminiList(kind: ObjectKind, pins: readonly Pin[], hasMore: boolean): object {
  const { member, prefix } = kind === 'gemini_caches' ? caches : files;
  const last = pins.at(-1);
  const token = last === undefined ? '' : `${last.createdAtMs} ${last.id}`;
  return {
    ...(pins.length > 0 ? { [member]: pins.map(({ id, body }) => body ?? { name: prefix + id }) } : {}),
    ...(hasMore ? { nextPageToken: Buffer.from(token).toString('base64url') } : {}),
  };
}

const files = { member: 'files', prefix: 'files/' };
const caches = { member: 'cachedContents', prefix: 'cachedContents/' };

function readLimit(text: string | null, name: string, usual: number): number {
  if (text === null) return usual;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw wrong(name, 'must be a whole number, at least 1');
  return Math.min(limit, mostLimit);
}

const wrong = (field: string, fault: string): DomainError =>
  new DomainError('invalid_request', `'${field}' ${fault}.`, { field });
