import { describe, expect, it } from '@jest/globals';
import { ProviderRegistry } from '../provider-registry.js';

const registry = new ProviderRegistry();
const read = (kind: string, body: unknown) => {
  const usage = registry.get(kind)?.readUsage(body);
  return usage === null || usage === undefined
    ? null
    : [usage.input, usage.cachedInput, usage.output, usage.reasoning];
};

describe('usage as [input, cached, output, reasoning]', () => {
  it.each<readonly [string, string, unknown, readonly number[] | null]>([
    [
      'chat',
      'openai',
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 60 },
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      },
      [100, 60, 50, 20],
    ],
    [
      'responses',
      'openai',
      {
        usage: {
          input_tokens: 100,
          input_tokens_details: { cached_tokens: 60 },
          output_tokens: 50,
          output_tokens_details: { reasoning_tokens: 20 },
        },
      },
      [100, 60, 50, 20],
    ],
    ['embeddings', 'openai', { usage: { prompt_tokens: 8, total_tokens: 8 } }, [8, 0, 0, 0]],
    ['transcription by the second', 'openai', { usage: { type: 'duration', seconds: 9 } }, null],
    [
      'cache hits in words of their own',
      'deepseek',
      { usage: { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 4 } },
      [10, 4, 1, 0],
    ],
    [
      'reasoning beside the completion',
      'xai',
      {
        usage: {
          prompt_tokens: 10,
          completion_tokens: 5,
          total_tokens: 45,
          completion_tokens_details: { reasoning_tokens: 30 },
        },
      },
      [10, 0, 35, 30],
    ],
    [
      'usage under x_groq',
      'groq',
      { x_groq: { usage: { prompt_tokens: 3, completion_tokens: 2 } } },
      [3, 0, 2, 0],
    ],
    [
      'a prompt partly read from and written to the cache',
      'anthropic',
      {
        usage: {
          input_tokens: 10,
          cache_creation_input_tokens: 200,
          cache_read_input_tokens: 3_000,
          output_tokens: 40,
        },
      },
      [3_210, 3_000, 40, 0],
    ],
    ['a mere count of tokens', 'anthropic', { input_tokens: 14 }, null],
    [
      'thoughts and tools',
      'google',
      {
        usageMetadata: {
          promptTokenCount: 100,
          toolUsePromptTokenCount: 10,
          cachedContentTokenCount: 60,
          candidatesTokenCount: 20,
          thoughtsTokenCount: 30,
          totalTokenCount: 160,
        },
      },
      [110, 60, 50, 30],
    ],
    ['nonsense', 'openai', { usage: { prompt_tokens: -5, completion_tokens: Infinity } }, [0, 0, 0, 0]],
  ])('%s (%s)', (_, kind, body, expected) => {
    expect(read(kind, body)).toEqual(expected);
  });
});
