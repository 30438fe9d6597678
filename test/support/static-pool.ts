import type { ServerResponse } from 'node:http';
import { LoopbackServer } from './loopback-server.js';
import { startTestGateway, type TestGateway } from './test-gateway.js';

/** A gateway with a pool of accounts of the environment, `groq`, in front of a provider that a spec speaks for. */
export interface StaticPool {
  readonly gateway: TestGateway;
  /** Keys of the accounts. */
  readonly keys: readonly string[];
  /** Keys that the provider saw, in order. */
  readonly seen: readonly string[];
  /** Asks for a chat completion. */
  call(stream?: boolean): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

/** @param answer what the provider does with a request that came whole, by the key it came with */
export async function startStaticPool(
  accounts: number,
  answer: (response: ServerResponse, key: string) => void,
): Promise<StaticPool> {
  const keys = Array.from({ length: accounts }, (_, at) => `gsk_0123456789_${at}`);
  const seen: string[] = [];
  const provider = new LoopbackServer((request, response) => {
    const key = String(request.headers.authorization).slice('Bearer '.length);
    seen.push(key);
    request.resume().on('end', () => answer(response, key));
  });
  const gateway = await startTestGateway(
    { providers: {} },
    { SIDE_POOL_KEYS: keys.join(','), GROQ_BASE_URL: `${await provider.listen()}/openai/v1` },
  );
  return {
    gateway,
    keys,
    seen,
    async call(stream = false) {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'groq/m', stream, messages: [{ role: 'user', content: 'Hi' }] }),
      });
      return { status: response.status, text: await response.text() };
    },
    async close() {
      await gateway.close();
      await provider.close();
    },
  };
}

/** Answers with a chat completion, or with an error of any other status. */
export function answerChat(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? served : { error: { message: 'no', type: 'error' } }));
}

const served = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
};
