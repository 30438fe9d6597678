import { promptText } from '../../accounts/token-count.js';
import { eventStream, json, sse } from '../answers.js';
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
import { chatUsage, seconds, serverError } from './common.js';

type More = (serving: Serving) => Readonly<Record<string, unknown>>;

/** Where other providers that speak OpenAI differ from it. */
export interface OpenAiStyle {
  /** Fields in the last chunk of a stream of chat. */
  readonly lastChunk?: More;
  /** A streamed tool call comes in one chunk. */
  readonly wholeToolCalls?: true;
  /** Fields in an answer of embeddings. */
  readonly embeddings?: More;
}

/** `POST /v1/chat/completions`. */
export const chatOperation = (style: OpenAiStyle) =>
  jsonOperation('chat', (fields) => {
    if (!Array.isArray(fields['messages']) || fields['messages'].length === 0) {
      return invalid("Invalid 'messages': empty array. Expected an array with minimum length 1.", 'messages');
    }
    const streamed = fields['stream'] === true;
    const includeUsage = objectField(fields, 'stream_options')['include_usage'] === true;
    return reading({
      model: textField(fields, 'model'),
      prompt: promptText(fields['tools']) + promptText(fields['messages']),
      streamed,
      maxOutputTokens: countField(fields, 'max_completion_tokens') ?? countField(fields, 'max_tokens'),
      tool: requiredTool(fields),
      answerSchema: answerSchema(fields),
      answer: (serving) => (streamed ? chatStream(serving, includeUsage, style) : chatBody(serving)),
    });
  });

function requiredTool(fields: Fields) {
  const choice = fields['tool_choice'];
  const named = objectField(objectField(fields, 'tool_choice'), 'function')['name'];
  if (choice !== 'required' && named === undefined) return undefined;
  const functions = objectsIn(fields['tools']).map((tool) => objectField(tool, 'function'));
  const wanted = functions.find((each) => named === undefined || each['name'] === named);
  return wanted && { name: textField(wanted, 'name'), parameters: wanted['parameters'] };
}

function answerSchema(fields: Fields): unknown {
  const format = objectField(fields, 'response_format');
  if (format['type'] === 'json_object') return {};
  return objectField(format, 'json_schema')['schema'];
}

function finishReason(output: Output): string {
  if (output.isCut) return 'length';
  return output.kind === 'tool_call' ? 'tool_calls' : 'stop';
}

const toolCall = ({ id, output }: Serving, args: string) => ({
  id: `call_${id}`,
  type: 'function',
  function: { name: output.toolName, arguments: args },
});

function chatBody(serving: Serving): Answer {
  const { id, model, nowMs, output } = serving;
  const said =
    output.kind === 'text'
      ? { content: output.text }
      : { content: null, tool_calls: [toolCall(serving, output.text)] };
  return json({
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: seconds(nowMs),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', ...said, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: finishReason(output),
      },
    ],
    usage: chatUsage(serving.usage),
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  });
}

/** With `include_usage` each chunk has `usage: null`, and one more, with no choices, tells it; without, no chunk has the field. */
function chatStream(serving: Serving, includeUsage: boolean, style: OpenAiStyle): Answer {
  const { id, model, nowMs, output } = serving;
  const head = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: seconds(nowMs),
    model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  };
  const tail = includeUsage ? { usage: null } : {};
  const chunk = (delta: object, finish_reason: string | null, more: object = {}) =>
    sse({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...tail, ...more });
  const isWholeCall = style.wholeToolCalls === true && output.kind === 'tool_call';
  const lastPiece = output.pieces.length - 1;
  const last = chunk({}, finishReason(output), style.lastChunk?.(serving));
  const usage = includeUsage ? sse({ ...head, choices: [], usage: chatUsage(serving.usage) }) : '';
  return {
    kind: 'stream',
    contentType: eventStream,
    opening: isWholeCall ? '' : chunk(openingDelta(serving, ''), null),
    piece: isWholeCall
      ? (index) => (index === lastPiece ? chunk(openingDelta(serving, output.text), null) : '')
      : pieceWriter(serving, chunk),
    pieces: output.pieces.length,
    closing: `${last}${usage}data: [DONE]\n\n`,
    failure: () => sse({ error: serverError }),
  };
}

const openingDelta = (serving: Serving, args: string) =>
  serving.output.kind === 'text'
    ? { role: 'assistant', content: '', refusal: null }
    : { role: 'assistant', content: null, tool_calls: [{ index: 0, ...toolCall(serving, args) }] };

/** A text chunk differs from the next in its content alone, so that all else is serialised once. */
function pieceWriter({ output }: Serving, chunk: (delta: object, finish: null) => string) {
  const mark = '\u0000';
  const delta =
    output.kind === 'text'
      ? { content: mark }
      : { tool_calls: [{ index: 0, function: { arguments: mark } }] };
  const [before, after] = chunk(delta, null).split(JSON.stringify(mark));
  return (index: number) => `${before}${JSON.stringify(output.pieces[index])}${after}`;
}
