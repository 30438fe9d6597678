import { promptText } from '../../accounts/token-count.js';
import { eventStream, json, typedSse } from '../answers.js';
import type { Answer, Output, Serving } from '../dialect.js';
import {
  countField,
  invalid,
  jsonOperation,
  objectField,
  objectsIn,
  reading,
  textField,
} from '../request-body.js';
import type { Fields } from '../request-body.js';

const promptOf = (fields: Fields) =>
  promptText(fields['tools']) + promptText(fields['system']) + promptText(fields['messages']);

const hasMessages = (fields: Fields) => Array.isArray(fields['messages']) && fields['messages'].length > 0;
const noMessages = invalid('messages: at least one message is required', 'messages');

/** `POST /v1/messages`. Only prompts with a `cache_control` mark are cached. */
export const messages = jsonOperation('messages', (fields, { body }) => {
  if (!hasMessages(fields)) return noMessages;
  const maxOutputTokens = countField(fields, 'max_tokens');
  if (maxOutputTokens === undefined) return invalid('max_tokens: Field required', 'max_tokens');
  const streamed = fields['stream'] === true;
  return reading({
    model: textField(fields, 'model'),
    prompt: promptOf(fields),
    streamed,
    maxOutputTokens,
    tool: requiredTool(fields),
    answerSchema: objectField(objectField(fields, 'output_config'), 'format')['schema'],
    cacheable: body.includes('"cache_control"'),
    answer: streamed ? stream : whole,
  });
});

/** `POST /v1/messages/count_tokens`. */
export const countTokens = jsonOperation('count_tokens', (fields) => {
  if (!hasMessages(fields)) return noMessages;
  const counted = reading({
    model: textField(fields, 'model'),
    prompt: promptOf(fields),
    cost: 'free',
    answer: () => json({ input_tokens: counted.inputTokens }),
  });
  return counted;
});

function requiredTool(fields: Fields) {
  const { type, name } = objectField(fields, 'tool_choice');
  if (type !== 'any' && type !== 'tool') return undefined;
  const tool = objectsIn(fields['tools']).find((each) => type === 'any' || each['name'] === name);
  return tool && { name: textField(tool, 'name'), parameters: tool['input_schema'] };
}

function stopReason(output: Output): string {
  if (output.isCut) return 'max_tokens';
  return output.kind === 'tool_call' ? 'tool_use' : 'end_turn';
}

/** Anthropic counts what the cache gave and took apart from `input_tokens`. */
const inputUsage = ({ usage, cacheWritten }: Serving) => ({
  input_tokens: usage.input - usage.cached - cacheWritten,
  cache_creation_input_tokens: cacheWritten,
  cache_read_input_tokens: usage.cached,
  cache_creation: { ephemeral_5m_input_tokens: cacheWritten, ephemeral_1h_input_tokens: 0 },
});

const message = (
  serving: Serving,
  content: readonly object[],
  stop: string | null,
  outputTokens: number,
) => ({
  id: `msg_${serving.id}`,
  type: 'message',
  role: 'assistant',
  model: serving.model,
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage: { ...inputUsage(serving), output_tokens: outputTokens, service_tier: 'standard' },
});

const block = ({ id, output }: Serving, text: string, input: unknown) =>
  output.kind === 'text'
    ? { type: 'text', text }
    : { type: 'tool_use', id: `toolu_${id}`, name: output.toolName, input };

function whole(serving: Serving): Answer {
  const { output, usage } = serving;
  const input: unknown = output.kind === 'tool_call' && !output.isCut ? JSON.parse(output.text) : {};
  return json(message(serving, [block(serving, output.text, input)], stopReason(output), usage.output));
}

function stream(serving: Serving): Answer {
  const { output, usage } = serving;
  const delta = (text: string) =>
    output.kind === 'text' ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: text };
  return {
    kind: 'stream',
    contentType: eventStream,
    opening:
      typedSse({ type: 'message_start', message: message(serving, [], null, 1) }) +
      typedSse({ type: 'content_block_start', index: 0, content_block: block(serving, '', {}) }) +
      typedSse({ type: 'ping' }),
    piece: (index) =>
      typedSse({ type: 'content_block_delta', index: 0, delta: delta(output.pieces[index] ?? '') }),
    pieces: output.pieces.length,
    closing:
      typedSse({ type: 'content_block_stop', index: 0 }) +
      typedSse({
        type: 'message_delta',
        delta: { stop_reason: stopReason(output), stop_sequence: null },
        usage: { ...inputUsage(serving), output_tokens: usage.output },
      }) +
      typedSse({ type: 'message_stop' }),
    failure: () =>
      typedSse({
        type: 'error',
        error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
      }),
  };
}
