import type { LlmClient } from '#ai-routing';
import type { Flags } from './read-flags.js';

/** A small, cheap model of each provider people use for a static pool. */
const smallModels: Readonly<Record<string, string>> = {
  groq: 'llama-3.1-8b-instant',
  openai: 'gpt-4o-mini',
  mistral: 'mistral-small-latest',
  deepseek: 'deepseek-chat',
  cerebras: 'llama3.1-8b',
  openrouter: 'meta-llama/llama-3.1-8b-instruct',
};

/**
 * Sends the requests with a bounded number under way.
 *
 * @returns the messages of those that failed
 */
export async function fireRequests(
  client: LlmClient,
  provider: string,
  { requests, concurrency, model }: Flags,
): Promise<readonly string[]> {
  const name = model ?? smallModels[provider];
  if (name === undefined) throw new RangeError(`--model is needed for the provider '${provider}'`);
  const errors: string[] = [];
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const messages = [{ role: 'user', content: 'Say hello.' }];
      await client
        .chat({ model: name, messages, max_tokens: 8 })
        .catch((error: unknown) => errors.push(error instanceof Error ? error.message : String(error)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, worker));
  return errors;
}
