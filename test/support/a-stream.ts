import type { Operation } from '#ai-provider';
import { chunkFrame, converseFrame } from './event-frame.js';

interface TypedEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

const typed = (...events: TypedEvent[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
const chunks = (...list: object[]): string =>
  [...list.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
const counted = { prompt_tokens: 9, completion_tokens: 2 };
const counts = { input_tokens: 9, output_tokens: 2 };

const messages = [
  { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
];

const streams: Readonly<Partial<Record<Operation, string>>> = {
  chat_completions: chunks(
    { choices: [{ delta: { role: 'assistant', content: 'hi' } }] },
    { choices: [{ delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: counted },
  ),
  completions: chunks({ choices: [{ text: 'hi', finish_reason: 'stop' }] }, { choices: [], usage: counted }),
  responses: typed(
    { type: 'response.created' },
    { type: 'response.output_text.delta' },
    { type: 'response.completed', response: { usage: counts } },
  ),
  messages: typed(...messages),
  generate_content: `data: ${JSON.stringify({
    candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2 },
  })}\n\n`,
};
const media = typed({ type: 'delta' }, { type: 'transcript.text.done', usage: counts });

const converse = Buffer.concat([
  converseFrame('messageStart', { role: 'assistant' }),
  converseFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi' } }),
  converseFrame('contentBlockStop', { contentBlockIndex: 0 }),
  converseFrame('messageStop', { stopReason: 'end_turn' }),
  converseFrame('metadata', { usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 } }),
]);

/** A short stream of an operation as a provider sends it: 9 tokens in, 2 out. */
export const aStream = (kind: string, operation: Operation): Buffer => {
  if (operation === 'converse') return converse;
  return kind === 'bedrock' && operation === 'messages'
    ? Buffer.concat(messages.map(chunkFrame))
    : Buffer.from(streams[operation] ?? media);
};
