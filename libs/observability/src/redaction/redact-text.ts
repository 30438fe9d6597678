const longestText = 8_192;
const redacted = '[redacted]';

/**
 * What keys look like: known prefixes (ours, OpenAI and Anthropic, Groq, xAI, Google, AWS, Hugging Face, Replicate, Perplexity, Fireworks,
 * Cerebras, Together, OpenRouter) and JSON Web Tokens. Not inside a word: `task-…` is no key.
 */
const keys =
  /(?<![A-Za-z0-9])(?:(?:sk|xai|csk|pplx)-[\w-]{6,}|(?:gsk|pap|hf|r8|fw|tgp)_\w{6,}[\w-]*|AIza[\w-]{12,}|(?:AKIA|ASIA)[0-9A-Z]{12,}|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?)/g;

/** What says that a key follows: an authorization scheme, a header, a query parameter or a JSON field; the user part of a URL. */
const announced =
  /\b((?:Bearer|Basic)\s+|(?:authorization|x-api-key|x-goog-api-key|api[-_]?key|access[-_]?token|password|secret)["']?\s*[:=]\s*["']?(?:(?:Bearer|Basic)\s+)?|[?&]key=)(?!\[redacted\])[^\s"',;&]{6,}/gi;
const userInUrl = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']+@/gi;

/**
 * Masks everything in a text that looks like a key, token or password.
 *
 * @param text of any length; only the first 8,192 characters are kept
 */
export function redactText(text: string): string {
  const kept = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return kept
    .replace(userInUrl, `$1${redacted}@`)
    .replace(announced, `$1${redacted}`)
    .replace(keys, redacted);
}
