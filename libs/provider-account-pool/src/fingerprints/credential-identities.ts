import type { Secret } from '#kernel';

/** Members of structured credentials that alone let somebody in: of Azure, AWS, Google and those that are like them. */
const secretMembers: ReadonlySet<string> = new Set([
  'apiKey',
  'clientSecret',
  'private_key',
  'secretAccessKey',
  'sessionToken',
]);
/** Texts inside pasted JSON that are looked for; far more than any credential has. */
const mostTexts = 64;

/**
 * The texts by which a credential is recognised: the whole of it first, then each secret part of a JSON one. White space and the
 * order of members are of no account.
 */
export function storedIdentities(credential: Secret): readonly string[] {
  const members = membersOf(credential.reveal());
  if (members === null) return [bare(credential.reveal())];
  const parts = Object.entries(members).filter(([name]) => secretMembers.has(name));
  return [whole(members), ...parts.flatMap(([, text]) => (typeof text === 'string' ? [bare(text)] : []))];
}

/** The texts that may be a credential, or a part of one, in what somebody found and pasted: the whole, and each text in JSON. */
export function pastedIdentities(pasted: Secret): readonly string[] {
  const members = membersOf(pasted.reveal());
  return members === null ? [bare(pasted.reveal())] : [whole(members), ...textsIn(members)];
}

/** Line breaks of a private key are written as `\n` in JSON and in environments. */
const bare = (text: string): string => text.replaceAll(/\\n|\s/g, '');

const whole = (members: object): string => bare(JSON.stringify(members, inOrder));

const inOrder = (_name: string, value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

function textsIn(members: object): string[] {
  const texts: string[] = [];
  const waiting: unknown[] = [members];
  while (waiting.length > 0 && texts.length < mostTexts) {
    const value = waiting.shift();
    if (typeof value === 'string') texts.push(bare(value));
    else if (typeof value === 'object' && value !== null)
      waiting.push(...Object.values(value).slice(0, mostTexts));
  }
  return texts;
}

function membersOf(text: string): object | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    // Why it is no JSON may quote it.
    return null;
  }
}
