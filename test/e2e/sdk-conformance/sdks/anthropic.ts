import Anthropic from '@anthropic-ai/sdk';
import { leftAtFirstWord, patienceMs, placeSchema, thrownBy, type Calls, type Sdk } from '../sdk.js';

const said = (content: string) => [{ role: 'user' as const, content }];
const tools = [{ name: 'weather', description: 'Tells the weather.', input_schema: placeSchema }];
const max_tokens = 64;
const asked = { max_tokens, messages: said('Weather?'), tools, tool_choice: { type: 'any' as const } };

/** Anthropic's own SDK. */
export const anthropic: Sdk = {
  name: '@anthropic-ai/sdk',
  kind: 'anthropic',
  connect: ({ origin, apiKey }) => callsOf(new Anthropic({ baseURL: origin, apiKey, maxRetries: 0 })),
};

function callsOf(client: Anthropic): Calls {
  const { messages } = client;
  return {
    chat: async (model, prompt) => {
      const body = { model, messages: said(prompt) };
      return [await messages.create({ ...body, max_tokens }), await messages.countTokens(body)];
    },
    stream: async (model, prompt) => {
      const stream = messages.stream({ model, max_tokens, messages: said(prompt) });
      const events = await Array.fromAsync(stream);
      return [events, await stream.finalMessage()];
    },
    tools: async (model) => {
      const first = await messages.create({ model, ...asked });
      const call = first.content.find((block) => block.type === 'tool_use')!;
      const result = { type: 'tool_result' as const, tool_use_id: call.id, content: '17 degrees' };
      const turns = [
        ...asked.messages,
        { role: 'assistant' as const, content: first.content },
        { role: 'user' as const, content: [result] },
      ];
      return [first, await messages.create({ model, max_tokens, messages: turns, tools })];
    },
    toolStream: async (model) => {
      const stream = messages.stream({ model, ...asked });
      const events = await Array.fromAsync(stream);
      return [events, await stream.finalMessage()];
    },
    structured: (model) => {
      const format = { type: 'json_schema' as const, schema: placeSchema };
      return messages.parse({ model, max_tokens, messages: said('Where?'), output_config: { format } });
    },
    missing: () =>
      Promise.all([
        thrownBy(client.beta.files.retrieveMetadata('file_nobody_has')),
        thrownBy(messages.batches.retrieve('msgbatch_nobody_has')),
      ]),
    models: async () => (await Array.fromAsync(client.models.list())).map(({ id }) => id),
    leave: async (model) => {
      const stream = await messages.create({ model, max_tokens, messages: said('Hello'), stream: true });
      const wordsOf = (event: Anthropic.RawMessageStreamEvent) =>
        event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : null;
      return leftAtFirstWord(stream, wordsOf, () => stream.controller.abort());
    },
    timeout: (model) =>
      thrownBy(messages.create({ model, max_tokens, messages: said('Hello') }, { timeout: patienceMs })),
  };
}
