/** Request headers as `node:http` gives them: lower-case names, no line breaks in values. */
export type PresentedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What key a request carries. `ambiguous`: two different ones, of which none may be preferred silently. */
export type PresentedKey =
  | { readonly kind: 'presented'; readonly key: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'ambiguous' };

const missing: PresentedKey = { kind: 'missing' };
const ambiguous: PresentedKey = { kind: 'ambiguous' };
const scheme = 'bearer ';

/**
 * Finds the key of a request in `Authorization: Bearer`, `x-api-key` and `x-goog-api-key`. The same key in several of
 * them counts once; another scheme of `Authorization` counts as no key.
 */
export function extractPresentedKey(headers: PresentedHeaders): PresentedKey {
  let found = missing;
  found = addFrom(headers['authorization'], bearerToken, found);
  found = addFrom(headers['x-api-key'], itself, found);
  return addFrom(headers['x-goog-api-key'], itself, found);
}

/** Straight code, without a list of candidates: this runs for every call, and nearly all have one header. */
function addFrom(
  value: string | readonly string[] | undefined,
  keyIn: (text: string) => string,
  found: PresentedKey,
): PresentedKey {
  if (value === undefined) return found;
  if (typeof value === 'string') return add(keyIn(value).trim(), found);
  return value.reduce((sofar, text) => add(keyIn(text).trim(), sofar), found);
}

function add(key: string, found: PresentedKey): PresentedKey {
  if (key === '' || found.kind === 'ambiguous') return found;
  if (found.kind === 'missing') return { kind: 'presented', key };
  return found.key === key ? found : ambiguous;
}

const itself = (text: string): string => text;

const bearerToken = (text: string): string =>
  text.slice(0, scheme.length).toLowerCase() === scheme ? text.slice(scheme.length) : '';
