/** Request headers as `node:http` gives them: lower-case names. */
export type PresentedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What key a request carries. `ambiguous`: two different ones, of which none may be preferred silently. */
export type PresentedKey =
  | { readonly kind: 'presented'; readonly key: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'ambiguous' };

const missing: PresentedKey = { kind: 'missing' };
const ambiguous: PresentedKey = { kind: 'ambiguous' };
const bearer = /^bearer +(.+)$/i;

/**
 * Finds the key of a request in `Authorization: Bearer`, `x-api-key` and `x-goog-api-key`. The same key in several of
 * them counts once; another scheme of `Authorization` counts as no key.
 */
export function extractPresentedKey(headers: PresentedHeaders): PresentedKey {
  let found: string | null = null;
  for (const key of candidates(headers)) {
    if (found !== null && found !== key) return ambiguous;
    found = key;
  }
  return found === null ? missing : { kind: 'presented', key: found };
}

function candidates(headers: PresentedHeaders): string[] {
  const authorization = valuesOf(headers['authorization']).flatMap((value) => bearer.exec(value)?.[1] ?? []);
  const plain = [...valuesOf(headers['x-api-key']), ...valuesOf(headers['x-goog-api-key'])];
  return [...authorization, ...plain].map((key) => key.trim()).filter((key) => key !== '');
}

function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
