import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

/** An official SDK that asks one question, plain or streamed, and gives the text of the answer. */
export interface Client {
  readonly name: string;
  plain(question: string): Promise<string>;
  streamed(question: string): Promise<string>;
}

const timeout = 30_000;

/**
 * The official clients, with nothing changed but base URL and key. Their own retries are off: whatever goes wrong, the
 * gateway alone has to make it good. What they would take from the environment is switched off too.
 */
export function officialClients(gatewayUrl: string, apiKey: string): readonly Client[] {
  return [
    openaiClient(
      new OpenAI({
        baseURL: `${gatewayUrl}/v1`,
        apiKey,
        organization: null,
        project: null,
        maxRetries: 0,
        timeout,
      }),
    ),
    anthropicClient(new Anthropic({ baseURL: gatewayUrl, apiKey, authToken: null, maxRetries: 0, timeout })),
    googleClient(
      new GoogleGenAI({
        apiKey,
        vertexai: false,
        httpOptions: { baseUrl: gatewayUrl, timeout, retryOptions: { attempts: 1 } },
      }),
    ),
  ];
}

function openaiClient({ chat }: OpenAI): Client {
  const request = (content: string) => ({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user' as const, content }],
  });
  return {
    name: 'openai',
    async plain(question) {
      const answer = await chat.completions.create(request(question));
      return answer.choices[0]?.message.content ?? '';
    },
    async streamed(question) {
      const stream = await chat.completions.create({ ...request(question), stream: true });
      const chunks = await Array.fromAsync(stream);
      return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    },
  };
}

function anthropicClient({ messages }: Anthropic): Client {
  const request = (content: string) => ({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user' as const, content }],
  });
  const textOf = ({ content }: Anthropic.Message): string =>
    content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return {
    name: '@anthropic-ai/sdk',
    plain: async (question) => textOf(await messages.create(request(question))),
    streamed: async (question) => textOf(await messages.stream(request(question)).finalMessage()),
  };
}

function googleClient({ models }: GoogleGenAI): Client {
  const request = (contents: string) => ({ model: 'gemini-2.5-flash', contents });
  return {
    name: '@google/genai',
    plain: async (question) => (await models.generateContent(request(question))).text ?? '',
    async streamed(question) {
      const chunks = await Array.fromAsync(await models.generateContentStream(request(question)));
      return chunks.map(({ text }) => text ?? '').join('');
    },
  };
}
