import Groq from 'groq-sdk';
import { leftAtFirstWord, patienceMs, placeSchema, thrownBy, type Calls, type Sdk } from '../sdk.js';

const said = (content: string) => [{ role: 'user' as const, content }];
const weather = { name: 'weather', description: 'Tells the weather.', parameters: placeSchema };
const tools = [{ type: 'function' as const, function: weather }];
const asked = { messages: said('Weather?'), tools, tool_choice: 'required' as const };

/** Groq's own SDK, which puts `/openai/v1` before every path. */
export const groq: Sdk = {
  name: 'groq-sdk',
  kind: 'groq',
  connect: ({ origin, apiKey }) => callsOf(new Groq({ baseURL: origin, apiKey, maxRetries: 0 })),
};

function callsOf(client: Groq): Calls {
  const { completions } = client.chat;
  return {
    chat: (model, prompt) => completions.create({ model, messages: said(prompt) }),
    stream: async (model, prompt) =>
      Array.fromAsync(await completions.create({ model, messages: said(prompt), stream: true })),
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
    toolStream: async (model) => Array.fromAsync(await completions.create({ model, ...asked, stream: true })),
    structured: (model) => {
      const json_schema = { name: 'place', schema: placeSchema, strict: true };
      const response_format = { type: 'json_schema' as const, json_schema };
      return completions.create({ model, messages: said('Where?'), response_format });
    },
    embeddings: (model) => client.embeddings.create({ model, input: ['a', 'b'] }),
    models: async () => (await client.models.list()).data.map(({ id }) => id),
    leave: async (model) => {
      const stream = await completions.create({ model, messages: said('Hello'), stream: true });
      const wordsOf = (chunk: Groq.Chat.Completions.ChatCompletionChunk) => chunk.choices[0]?.delta.content;
      return leftAtFirstWord(stream, wordsOf, () => stream.controller.abort());
    },
    timeout: (model) =>
      thrownBy(completions.create({ model, messages: said('Hello') }, { timeout: patienceMs })),
  };
}
