import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aModelCall } from '../../../../test/support/a-model-call.js';
import type { Operation } from '../contract/model-call.js';
import { ProviderRegistry } from '../provider-registry.js';

const registry = new ProviderRegistry();

/** Where a kind's call and its probe go when nothing is configured, as its own documentation says. */
const table: readonly (readonly [kind: string, operation: Operation, call: string, probe: string])[] = [
  ['openai', 'responses', 'https://api.openai.com/v1/responses', 'https://api.openai.com/v1/models'],
  [
    'anthropic',
    'messages',
    'https://api.anthropic.com/v1/messages',
    'https://api.anthropic.com/v1/models?limit=1',
  ],
  [
    'google',
    'generate_content',
    'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent',
    'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1',
  ],
  [
    'groq',
    'chat_completions',
    'https://api.groq.com/openai/v1/chat/completions',
    'https://api.groq.com/openai/v1/models',
  ],
  ['mistral', 'embeddings', 'https://api.mistral.ai/v1/embeddings', 'https://api.mistral.ai/v1/models'],
  [
    'deepseek',
    'chat_completions',
    'https://api.deepseek.com/v1/chat/completions',
    'https://api.deepseek.com/v1/models',
  ],
  ['xai', 'image_generations', 'https://api.x.ai/v1/images/generations', 'https://api.x.ai/v1/models'],
  [
    'together',
    'completions',
    'https://api.together.xyz/v1/completions',
    'https://api.together.xyz/v1/models',
  ],
  [
    'fireworks',
    'chat_completions',
    'https://api.fireworks.ai/inference/v1/chat/completions',
    'https://api.fireworks.ai/inference/v1/models',
  ],
  [
    'openrouter',
    'chat_completions',
    'https://openrouter.ai/api/v1/chat/completions',
    'https://openrouter.ai/api/v1/key',
  ],
  [
    'cerebras',
    'chat_completions',
    'https://api.cerebras.ai/v1/chat/completions',
    'https://api.cerebras.ai/v1/models',
  ],
  [
    'cohere',
    'embeddings',
    'https://api.cohere.ai/compatibility/v1/embeddings',
    'https://api.cohere.ai/compatibility/v1/models',
  ],
  [
    'perplexity',
    'chat_completions',
    'https://api.perplexity.ai/chat/completions',
    'https://api.perplexity.ai/async/chat/completions',
  ],
  ['ollama', 'embeddings', 'http://127.0.0.1:11434/v1/embeddings', 'http://127.0.0.1:11434/v1/models'],
  [
    'vllm',
    'chat_completions',
    'http://127.0.0.1:8000/v1/chat/completions',
    'http://127.0.0.1:8000/v1/models',
  ],
];
/** These have a spec of their own, or no address. */
const elsewhere = ['azure-openai', 'vertex-ai', 'bedrock', 'openai-compatible'];

describe('where calls go', () => {
  it.each(table)('%s: %s', (kind, operation, call, probe) => {
    const adapter = registry.get(kind);
    const baseUrl = adapter?.defaultBaseUrl ?? '';
    const target = { baseUrl, credential: new Secret('k'), model: 'm' };
    const sent = adapter?.request(aModelCall({ operation }), target);
    const probed = adapter?.probe(target);
    expect([`${sent?.origin}${sent?.path}`, `${probed?.origin}${probed?.path}`]).toEqual([call, probe]);
  });

  it('is written down for every kind', () => {
    expect([...table.map(([kind]) => kind), ...elsewhere].sort()).toEqual([...registry.kinds].sort());
  });
});
