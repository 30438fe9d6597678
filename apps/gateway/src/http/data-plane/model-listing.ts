import type { WireFormat } from '#ai-provider';
import { DomainError } from '#kernel';

interface ModelListing {
  /** One model as the wire format shows it. */
  one(model: string): object;
  /**
   * A list, or the page of it that the query asks for.
   *
   * @throws DomainError `invalid_request` for a page that cannot be understood
   */
  list(models: readonly string[], query: URLSearchParams): object;
}

/** Routes have no date of birth in any catalogue; the field is required by the SDKs' types. */
const createdAt = '1970-01-01T00:00:00Z';

const openai = (id: string): object => ({ id, object: 'model', created: 0, owned_by: 'pool' });
const anthropic = (id: string): object => ({ type: 'model', id, display_name: id, created_at: createdAt });
const gemini = (id: string): object => ({
  name: `models/${id}`,
  displayName: id,
  supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent'],
});

/** How each wire format lists models: OpenAI all at once, Anthropic and Gemini by pages, of the sizes they document. */
export const modelListings: Readonly<Record<WireFormat, ModelListing>> = {
  openai: { one: openai, list: (models) => ({ object: 'list', data: models.map(openai) }) },
  anthropic: { one: anthropic, list: listAnthropic },
  gemini: { one: gemini, list: listGemini },
};

/** `limit` 1 to 1,000, usually 20; behind `after_id`, or before `before_id`. A name that is gone has its place all the same. */
function listAnthropic(models: readonly string[], query: URLSearchParams): object {
  const limit = readSize(query, 'limit', 20);
  const [after, before] = [query.get('after_id'), query.get('before_id')];
  const rest = models.filter(
    (name) => (after === null || name > after) && (before === null || name < before),
  );
  const page = before !== null && after === null ? rest.slice(-limit) : rest.slice(0, limit);
  return {
    data: page.map(anthropic),
    has_more: rest.length > page.length,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  };
}

/** `pageSize` 1 to 1,000, usually 50; the token of a page is the last name before it. */
function listGemini(models: readonly string[], query: URLSearchParams): object {
  const size = readSize(query, 'pageSize', 50);
  const token = query.get('pageToken');
  const after = token === null || token === '' ? '' : Buffer.from(token, 'base64url').toString();
  const rest = models.filter((name) => name > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const next =
    rest.length > page.length && last !== undefined ? Buffer.from(last).toString('base64url') : null;
  return { models: page.map(gemini), ...(next === null ? {} : { nextPageToken: next }) };
}

function readSize(query: URLSearchParams, field: string, usual: number): number {
  const text = query.get(field);
  if (text === null) return usual;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1) {
    throw new DomainError('invalid_request', `'${field}' must be a whole number, at least 1.`, { field });
  }
  return Math.min(size, 1_000);
}
