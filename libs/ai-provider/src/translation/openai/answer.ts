import type { TokenUsage } from '#kernel';
import { isRecord, listAt, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { Answer, Stop } from '../answer.js';
import type { ThinkingPart, ToolCallPart } from '../conversation.js';
import { wrapSignature } from '../signature.js';
import { readArguments } from '../tool-arguments.js';
import type { AnswerTerms, ToldError } from '../wire-translator.js';

const stops: Readonly<Record<string, Stop>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'refused',
};

const finishReasons: Readonly<Record<Stop, string>> = {
  end: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  refused: 'content_filter',
  stop_sequence: 'stop',
  other: 'stop',
};

/** What a finish reason means. */
export const stopOf = (reason: unknown): Stop => stops[String(reason)] ?? 'other';

/** The finish reason that comes closest. */
export const finishReasonOf = (stop: Stop): string => finishReasons[stop];

/** A member that is a text with something in it. */
export const textAt = (record: JsonRecord, ...names: readonly string[]): string => {
  const found = names.map((name) => record[name]).find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : '';
};

/** Reads a whole chat completion. */
export function readAnswer(body: JsonRecord): Answer | null {
  const choice = listAt(body, 'choices')[0];
  if (!isRecord(choice)) return null;
  const message = recordAt(choice, 'message');
  const thoughts = textAt(message, 'reasoning_content', 'reasoning');
  const text = contentOf(message['content']) + textAt(message, 'refusal');
  const stop = stopOf(choice['finish_reason']);
  return {
    id: textAt(body, 'id') || null,
    model: textAt(body, 'model') || null,
    parts: [
      ...(thoughts === '' ? [] : [{ kind: 'thinking' as const, text: thoughts, signature: null }]),
      ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
      ...listAt(message, 'tool_calls').map(readToolCall),
    ],
    stop: stop === 'end' && textAt(message, 'refusal') !== '' ? 'refused' : stop,
    sequence: null,
  };
}

/** A text, or as some providers have it a list of parts. */
function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listAt({ content }, 'content')
    .map((part) => (isRecord(part) ? textAt(part, 'text') : ''))
    .join('');
}

function readToolCall(call: unknown): ToolCallPart {
  const called = recordAt(call, 'function');
  return {
    kind: 'tool_call',
    id: isRecord(call) ? textAt(call, 'id') : '',
    name: textAt(called, 'name'),
    args: readArguments(textAt(called, 'arguments')),
    signature: null,
  };
}

/** Writes a whole chat completion. */
export function writeAnswer(answer: Answer, usage: TokenUsage | null, terms: AnswerTerms): JsonRecord {
  const text = answer.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const thinking = answer.parts.filter((part) => part.kind === 'thinking');
  const calls = answer.parts.filter((part) => part.kind === 'tool_call');
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...writeThinking(thinking),
    ...(calls.length > 0 && { tool_calls: calls.map(writeToolCall) }),
  };
  return {
    id: answer.id ?? `chatcmpl-${terms.call.id}`,
    object: 'chat.completion',
    created: Math.floor(terms.createdAtMs / 1_000),
    model: answer.model ?? terms.call.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasonOf(answer.stop) }],
    ...(usage !== null && { usage: writeUsage(usage) }),
  };
}

/** Where other providers of this format put thoughts; what must come back with the next turn stands in the details. */
function writeThinking(parts: readonly ThinkingPart[]): JsonRecord {
  const text = parts.map((part) => part.text).join('');
  const details = parts.flatMap((part) => detailOf(part));
  return {
    ...(text !== '' && { reasoning_content: text }),
    ...(details.length > 0 && { reasoning_details: details }),
  };
}

/** A thought with its proof. */
export function detailOf({ text, signature }: Omit<ThinkingPart, 'kind'>): readonly JsonRecord[] {
  if (signature === null) return [];
  return [{ type: 'reasoning.text', text, signature: wrapSignature(signature) }];
}

function writeToolCall({ id, name, args, signature }: ToolCallPart): JsonRecord {
  return {
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
    ...extraOf(signature),
  };
}

/** A call's signature, where Google's own OpenAI-compatible endpoint has it. */
export const extraOf = (signature: ToolCallPart['signature']): JsonRecord =>
  signature === null ? {} : { extra_content: { google: { thought_signature: wrapSignature(signature) } } };

/** Writes usage as chat completions tell it. */
export const writeUsage = ({ input, cachedInput, output, reasoning }: TokenUsage): JsonRecord => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cachedInput },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** Codes that programs look at. */
const codes: Readonly<Partial<Record<ToldError['class'], string>>> = {
  context_length: 'context_length_exceeded',
  content_policy: 'content_policy_violation',
  model_unavailable: 'model_not_found',
  rate_limited: 'rate_limit_exceeded',
};

/** Writes an error. */
export function writeError({ status, class: failure, message }: ToldError): JsonRecord {
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  return { error: { message, type, param: null, code: codes[failure] ?? null } };
}
