import OpenAI from 'openai';
import {
  leftAtFirstWord,
  patienceMs,
  placeSchema,
  thrownBy,
  type Calls,
  type Place,
  type Sdk,
} from '../sdk.js';

const said = (content: string) => [{ role: 'user' as const, content }];
const weather = { name: 'weather', description: 'Tells the weather.', parameters: placeSchema };
const tools = [{ type: 'function' as const, function: weather }];
const asked = { messages: said('Weather?'), tools, tool_choice: 'required' as const };

const clientOf = ({ origin, apiKey }: Place): OpenAI =>
  new OpenAI({ baseURL: `${origin}/v1`, apiKey, maxRetries: 0 });

/** Chat completions, as most use it. */
export const openai: Sdk = { name: 'openai', kind: 'openai', connect: (place) => chatCalls(clientOf(place)) };

function chatCalls(client: OpenAI): Calls {
  const { completions } = client.chat;
  return {
    chat: (model, prompt) => completions.create({ model, messages: said(prompt) }),
    stream: async (model, prompt) => {
      const body = { model, messages: said(prompt), stream: true as const };
      const plain = await Array.fromAsync(await completions.create(body));
      const stream_options = { include_usage: true };
      return [plain, await Array.fromAsync(await completions.create({ ...body, stream_options }))];
    },
    tools: async (model) => {
      const first = await completions.create({ model, ...asked });
      const message = first.choices[0]!.message;
      const result = {
        role: 'tool' as const,
        tool_call_id: message.tool_calls![0]!.id,
        content: '17 degrees',
      };
      const messages = [...asked.messages, message, result];
      return [first, await completions.create({ model, messages, tools })];
    },
    toolStream: async (model) => {
      const stream = completions.stream({ model, ...asked });
      const chunks = await Array.fromAsync(stream);
      return [chunks, await stream.finalChatCompletion()];
    },
    structured: (model) => {
      const json_schema = { name: 'place', schema: placeSchema, strict: true };
      const response_format = { type: 'json_schema' as const, json_schema };
      return completions.parse({ model, messages: said('Where?'), response_format });
    },
    embeddings: async (model) => [
      await client.embeddings.create({ model, input: ['a', 'b'] }),
      await client.embeddings.create({ model, input: 'ü', encoding_format: 'float', dimensions: 8 }),
    ],
    missing: () =>
      Promise.all([
        thrownBy(client.files.retrieve('file-nobody-has')),
        thrownBy(client.batches.retrieve('batch_nobody_has')),
      ]),
    models: async () => (await Array.fromAsync(client.models.list())).map(({ id }) => id),
    leave: async (model) => {
      const stream = await completions.create({ model, messages: said('Hello'), stream: true });
      const wordsOf = (chunk: typeof stream extends AsyncIterable<infer Chunk> ? Chunk : never) =>
        chunk.choices[0]?.delta.content;
      return leftAtFirstWord(stream, wordsOf, () => stream.controller.abort());
    },
    timeout: (model) =>
      thrownBy(completions.create({ model, messages: said('Hello') }, { timeout: patienceMs })),
  };
}

/** The Responses API. */
export const openaiResponses: Sdk = {
  name: 'openai (Responses)',
  kind: 'openai',
  connect: (place) => responseCalls(clientOf(place)),
};

function responseCalls({ responses }: OpenAI): Calls {
  const tool = { type: 'function' as const, ...weather, strict: true };
  const wanted = { input: 'Weather?', tools: [tool], tool_choice: 'required' as const };
  return {
    chat: (model, input) => responses.create({ model, input }),
    stream: async (model, input) => Array.fromAsync(await responses.create({ model, input, stream: true })),
    tools: async (model) => {
      const first = await responses.create({ model, ...wanted });
      const call = first.output.find((item) => item.type === 'function_call')!;
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: '17 degrees' };
      const input = [{ role: 'user' as const, content: 'Weather?' }, call, result];
      return [first, await responses.create({ model, input, tools: [tool] })];
    },
    toolStream: async (model) => Array.fromAsync(await responses.create({ model, ...wanted, stream: true })),
    structured: (model) => {
      const format = { type: 'json_schema' as const, name: 'place', schema: placeSchema, strict: true };
      return responses.parse({ model, input: 'Where?', text: { format } });
    },
    leave: async (model) => {
      const stream = await responses.create({ model, input: 'Hello', stream: true });
      const wordsOf = (event: OpenAI.Responses.ResponseStreamEvent) =>
        event.type === 'response.output_text.delta' ? event.delta : null;
      return leftAtFirstWord(stream, wordsOf, () => stream.controller.abort());
    },
    missing: async () => [await thrownBy(responses.retrieve('resp_nobody_has'))],
    timeout: (model) => thrownBy(responses.create({ model, input: 'Hello' }, { timeout: patienceMs })),
  };
}
