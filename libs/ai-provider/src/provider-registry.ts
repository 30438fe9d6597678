import type { ProviderAdapter } from './contract/provider-adapter.js';
import { anthropic } from './providers/anthropic/index.js';
import { azureOpenAi } from './providers/azure-openai/index.js';
import { bedrock } from './providers/bedrock/index.js';
import { cerebras } from './providers/cerebras/index.js';
import { cohere } from './providers/cohere/index.js';
import { deepSeek } from './providers/deepseek/index.js';
import { fireworks } from './providers/fireworks/index.js';
import { google } from './providers/google/index.js';
import { groq } from './providers/groq/index.js';
import { mistral } from './providers/mistral/index.js';
import { ollama } from './providers/ollama/index.js';
import { openAiCompatible } from './providers/openai-compatible/index.js';
import { openAi } from './providers/openai/index.js';
import { openRouter } from './providers/openrouter/index.js';
import { perplexity } from './providers/perplexity/index.js';
import { together } from './providers/together/index.js';
import { vLlm } from './providers/vllm/index.js';
import { vertexAi } from './providers/vertex-ai/index.js';
import { xAi } from './providers/xai/index.js';

const builtIn: readonly ProviderAdapter[] = [
  openAi,
  azureOpenAi,
  anthropic,
  google,
  vertexAi,
  bedrock,
  groq,
  mistral,
  deepSeek,
  xAi,
  together,
  fireworks,
  openRouter,
  cerebras,
  cohere,
  perplexity,
  ollama,
  vLlm,
  openAiCompatible,
];

/** The provider kinds known out of the box, for example for validating configuration before anything is built. */
export const providerKinds: readonly string[] = builtIn.map((adapter) => adapter.kind);

/** Finds the adapter of a provider kind. */
export class ProviderRegistry {
  readonly #adapters = new Map<string, ProviderAdapter>();

  /**
   * @param adapters of third parties; one with the kind of a built-in takes its place
   * @throws RangeError when two of them have the same kind, or a kind is not made of a-z, 0-9 and `-`
   */
  constructor(adapters: readonly ProviderAdapter[] = []) {
    const own = new Set<string>();
    for (const { kind } of adapters) {
      if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(kind)) {
        throw new RangeError(`a provider kind is made of a-z, 0-9 and "-", not "${kind}"`);
      }
      if (own.has(kind)) throw new RangeError(`two adapters for the provider kind "${kind}"`);
      own.add(kind);
    }
    for (const adapter of [...builtIn, ...adapters]) this.#adapters.set(adapter.kind, adapter);
  }

  /** @returns `null` for a kind that nobody registered */
  get(kind: string): ProviderAdapter | null {
    return this.#adapters.get(kind) ?? null;
  }

  /** All kinds, the built-in ones first. */
  get kinds(): readonly string[] {
    return [...this.#adapters.keys()];
  }
}
