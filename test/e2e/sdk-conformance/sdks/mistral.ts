import { Mistral } from '@mistralai/mistralai';
import { leftAtFirstWord, patienceMs, placeSchema, thrownBy, type Calls, type Sdk } from '../sdk.js';

const said = (content: string) => [{ role: 'user' as const, content }];
const weather = { name: 'weather', description: 'Tells the weather.', parameters: placeSchema };
const tools = [{ type: 'function' as const, function: weather }];
const asked = { messages: said('Weather?'), tools, toolChoice: 'required' as const };

/** Mistral's own SDK. */
export const mistral: Sdk = {
  name: '@mistralai/mistralai',
  kind: 'mistral',
  connect: ({ origin, apiKey }) => callsOf(new Mistral({ serverURL: origin, apiKey })),
};

function callsOf({ chat, embeddings, models }: Mistral): Calls {
  return {
    chat: (model, prompt) => chat.complete({ model, messages: said(prompt) }),
    stream: async (model, prompt) => Array.fromAsync(await chat.stream({ model, messages: said(prompt) })),
    tools: async (model) => {
      const first = await chat.complete({ model, ...asked });
      const message = { ...first.choices[0]!.message!, role: 'assistant' as const };
      const toolCallId = message.toolCalls![0]!.id!;
      const result = { role: 'tool' as const, toolCallId, name: 'weather', content: '17 degrees' };
      const messages = [...asked.messages, message, result];
      return [first, await chat.complete({ model, messages, tools })];
    },
    toolStream: async (model) => Array.fromAsync(await chat.stream({ model, ...asked })),
    structured: (model) => {
      const jsonSchema = { name: 'place', schemaDefinition: placeSchema, strict: true };
      const responseFormat = { type: 'json_schema' as const, jsonSchema };
      return chat.complete({ model, messages: said('Where?'), responseFormat });
    },
    embeddings: (model) => embeddings.create({ model, inputs: ['a', 'b'] }),
    models: async () => ((await models.list()).data ?? []).map((model) => idOf(model)),
    leave: async (model) => {
      const { signal, abort } = aborting();
      const stream = await chat.stream({ model, messages: said('Hello') }, { fetchOptions: { signal } });
      return leftAtFirstWord(
        stream,
        ({ data }) => data.choices[0]?.delta.content as string | null | undefined,
        abort,
      );
    },
    timeout: (model) =>
      thrownBy(chat.complete({ model, messages: said('Hello') }, { timeoutMs: patienceMs })),
  };
}

function aborting(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** Of a model whose kind the SDK does not know, it keeps what it was sent. */
const idOf = (model: object): string => {
  const { id, raw } = model as { id?: string; raw?: { id: string } };
  return id ?? raw?.id ?? '';
};
