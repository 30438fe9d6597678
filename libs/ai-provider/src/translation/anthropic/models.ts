/** Claude 4.6: from it on models are told an effort instead of a budget of tokens for their thoughts. */
const firstByEffort = { major: 4, minor: 6 };

/** `claude-sonnet-4-5-20250929`, or as the first ones were called `claude-3-7-sonnet-20250219`. */
const named = /claude-[a-z]+-(\d{1,2})(?:-(\d{1,2})(?!\d))?(?!\d)/;
const numbered = /claude-(\d)(?:[-.](\d)(?!\d))?/;

/** Names that say nothing are taken for models yet to come. */
function versionOf(model: string): { readonly major: number; readonly minor: number } {
  const match = named.exec(model) ?? numbered.exec(model);
  return match === null ? { major: 99, minor: 0 } : { major: Number(match[1]), minor: Number(match[2] ?? 0) };
}

/**
 * The output tokens of a caller who set no bound, > 0: Anthropic wants one where others need none. What every model of its
 * age can write; newer ones can write more.
 */
export function tokensAllowed(model: string): number {
  const { major, minor } = versionOf(model);
  if (major > 3 || (major === 3 && minor >= 7)) return 32_000;
  return major === 3 && minor >= 5 ? 8_192 : 4_096;
}

/** Whether a model decides by itself how much to think, given an effort. */
export function thinksByEffort(model: string): boolean {
  const { major, minor } = versionOf(model);
  return major > firstByEffort.major || (major === firstByEffort.major && minor >= firstByEffort.minor);
}
