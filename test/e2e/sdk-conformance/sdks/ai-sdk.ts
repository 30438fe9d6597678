import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import {
  embedMany,
  generateText,
  jsonSchema,
  Output,
  streamText,
  tool,
  type EmbeddingModel,
  type LanguageModel,
} from 'ai';
import { leftAtFirstWord, patienceMs, placeSchema, thrownBy, type Calls, type Sdk } from '../sdk.js';

/** Vercel's SDK over Chat Completions. */
export const aiOpenaiChat: Sdk = {
  name: 'ai + @ai-sdk/openai (chat)',
  kind: 'openai',
  connect: ({ origin, apiKey }) => {
    const provider = createOpenAI({ baseURL: `${origin}/v1`, apiKey });
    return {
      ...callsOf((model) => provider.chat(model)),
      ...embeddingsOf((model) => provider.embedding(model)),
    };
  },
};

/** Vercel's SDK over Responses, its default. */
export const aiOpenai: Sdk = {
  name: 'ai + @ai-sdk/openai',
  kind: 'openai',
  connect: ({ origin, apiKey }) => {
    const provider = createOpenAI({ baseURL: `${origin}/v1`, apiKey });
    return callsOf((model) => provider(model));
  },
};

/** Vercel's SDK over Anthropic messages. */
export const aiAnthropic: Sdk = {
  name: 'ai + @ai-sdk/anthropic',
  kind: 'anthropic',
  connect: ({ origin, apiKey }) => {
    const provider = createAnthropic({ baseURL: `${origin}/v1`, apiKey });
    return callsOf((model) => provider(model));
  },
};

const inputSchema = jsonSchema<{ city: string; days: number }>(placeSchema);
const weather = tool({ description: 'Tells the weather.', inputSchema, execute: () => '17 degrees' });
const asked = { prompt: 'Weather?', tools: { weather }, toolChoice: 'required' as const, maxRetries: 0 };

interface Outcome {
  readonly text: unknown;
  readonly finishReason: unknown;
  readonly usage: unknown;
  readonly toolCalls: unknown;
  readonly toolResults: unknown;
  readonly providerMetadata: unknown;
}

/** What the caller of either function looks at. */
const outcome = (result: Outcome): Outcome => ({
  text: result.text,
  finishReason: result.finishReason,
  usage: result.usage,
  toolCalls: result.toolCalls,
  toolResults: result.toolResults,
  providerMetadata: result.providerMetadata,
});

function callsOf(modelOf: (name: string) => Exclude<LanguageModel, string>): Calls {
  const streamed = async (options: Parameters<typeof streamText>[0]): Promise<unknown> => {
    const result = streamText({ ...options, onError: () => undefined });
    const parts = await Array.fromAsync(result.fullStream);
    const failed = parts.find((part) => part.type === 'error');
    if (failed !== undefined) throw failed.error;
    return [parts.map((part) => ('text' in part ? [part.type, part.text] : part.type)), await result.usage];
  };
  return {
    chat: async (name, prompt) =>
      outcome(await generateText({ model: modelOf(name), prompt, maxRetries: 0 })),
    stream: (name, prompt) => streamed({ model: modelOf(name), prompt, maxRetries: 0 }),
    tools: async (name) => outcome(await generateText({ model: modelOf(name), ...asked })),
    toolStream: (name) => streamed({ model: modelOf(name), ...asked }),
    structured: async (name) => {
      const output = Output.object({ schema: inputSchema });
      const result = await generateText({ model: modelOf(name), prompt: 'Where?', output, maxRetries: 0 });
      return [result.output, outcome(result)];
    },
    leave: async (name) => {
      const controller = new AbortController();
      const { signal: abortSignal } = controller;
      const result = streamText({ model: modelOf(name), prompt: 'Hello', maxRetries: 0, abortSignal });
      const wordsOf = (part: { type: string; text?: unknown }) =>
        part.type === 'text-delta' ? String(part.text) : null;
      return leftAtFirstWord(result.fullStream, wordsOf, () => controller.abort());
    },
    timeout: (name) => {
      const abortSignal = AbortSignal.timeout(patienceMs);
      return thrownBy(generateText({ model: modelOf(name), prompt: 'Hello', maxRetries: 0, abortSignal }));
    },
  };
}

const embeddingsOf = (modelOf: (name: string) => EmbeddingModel): Pick<Calls, 'embeddings'> => ({
  embeddings: async (name) => {
    const values = ['a', 'b'];
    const { embeddings, usage } = await embedMany({ model: modelOf(name), values, maxRetries: 0 });
    return { embeddings, usage };
  },
});
