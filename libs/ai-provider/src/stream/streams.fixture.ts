import { ProviderRegistry } from '../provider-registry.js';
import { aModelCall } from '../../../../test/support/a-model-call.js';
import type { ModelCall } from '../contract/model-call.js';
import type { StreamReader } from '../contract/provider-adapter.js';

const registry = new ProviderRegistry();
/** Starts reading a stream of this kind of provider. */
export const reader = (kind: string, call: Partial<ModelCall>): StreamReader => {
  const found = registry.get(kind)?.readStream(aModelCall({ stream: true, ...call }));
  if (found === undefined) throw new Error(`no adapter ${kind}`);
  return found;
};

/** One event, as most providers write it. */
export const line = (data: unknown, name?: string) =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
export const delta = (content: Record<string, unknown>, finish: string | null = null) =>
  line({ choices: [{ index: 0, delta: content, finish_reason: finish }], usage: null });
export const usageOnly = line({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });

/** A recorded stream and what becomes of it. */
export interface Script {
  readonly kind: string;
  readonly call: Partial<ModelCall>;
  readonly text: string;
  /** What the caller sees. */
  readonly shown: string;
}

export const chat = `: hello\n\n${delta({ role: 'assistant', content: '' })}${delta({ content: 'Grüß "usage" 🎉' })}${delta({}, 'stop')}`;
export const claude = [
  line(
    {
      type: 'message_start',
      message: { usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } },
    },
    'message_start',
  ),
  line({ type: 'ping' }, 'ping'),
  line(
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    'content_block_start',
  ),
  line(
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hé' } },
    'content_block_delta',
  ),
  line(
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
    'message_delta',
  ),
  line({ type: 'message_stop' }, 'message_stop'),
].join('');
export const responses = [
  line({ type: 'response.created', response: { status: 'in_progress', error: null } }, 'response.created'),
  line({ type: 'response.in_progress', response: {} }, 'response.in_progress'),
  line({ type: 'response.output_text.delta', delta: 'hi' }, 'response.output_text.delta'),
  line(
    { type: 'response.completed', response: { error: null, usage: { input_tokens: 7, output_tokens: 3 } } },
    'response.completed',
  ),
].join('');
export const gemini = [
  line({ candidates: [{ content: { parts: [{ text: 'hi' }] } }], usageMetadata: { promptTokenCount: 7 } }),
  line({
    candidates: [{ content: { parts: [{ text: '!' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1, thoughtsTokenCount: 2 },
  }),
].join('');

const asked: Partial<ModelCall> = { json: { model: 'm', stream_options: { include_usage: true } } };
/** What a caller sees of chunks who did not ask for their usage. */
export const unasked = (chunks: string): string => chunks.replaceAll(',"usage":null', '');
/** Every stream says 7 tokens of input and 3 of output. */
export const scripts: readonly Script[] = [
  {
    kind: 'openai',
    call: {},
    text: `${chat}${usageOnly}data: [DONE]\n\n`,
    shown: `${unasked(chat)}data: [DONE]\n\n`,
  },
  {
    kind: 'openai',
    call: asked,
    text: `${chat}${usageOnly}data: [DONE]\n\n`,
    shown: `${chat}${usageOnly}data: [DONE]\n\n`,
  },
  {
    kind: 'mistral',
    call: {},
    text: `${chat}${usageOnly}data: [DONE]\n\n`,
    shown: `${chat}${usageOnly}data: [DONE]\n\n`,
  },
  { kind: 'openai', call: { operation: 'responses' }, text: responses, shown: responses },
  { kind: 'anthropic', call: { operation: 'messages' }, text: claude, shown: claude },
  { kind: 'google', call: { operation: 'generate_content' }, text: gemini, shown: gemini },
];
