import type { TokenUsage } from '#kernel';
import { isRecord, listAt, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { Answer, Ending, Stop } from '../answer.js';
import type { ToolCallPart } from '../conversation.js';
import { wrapSignature } from '../signature.js';
import type { AnswerTerms, ToldError } from '../wire-translator.js';
import { jsonTool } from './request-writer.js';

const stops: Readonly<Record<string, Stop>> = {
  end_turn: 'end',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_calls',
  refusal: 'refused',
};

const stopReasons: Readonly<Record<Stop, string>> = {
  end: 'end_turn',
  length: 'max_tokens',
  stop_sequence: 'stop_sequence',
  tool_calls: 'tool_use',
  refused: 'refusal',
  other: 'end_turn',
};

/**
 * How a message ended.
 *
 * @param delta a message, or the `delta` that ends its stream
 * @param hasCalls whether functions are asked for that the caller knows
 */
export function endingOf(delta: JsonRecord, hasCalls: boolean): Ending {
  const stop = stops[String(delta['stop_reason'])] ?? 'other';
  const sequence = delta['stop_sequence'];
  return {
    stop: stop === 'tool_calls' && !hasCalls ? 'end' : stop,
    sequence: typeof sequence === 'string' ? sequence : null,
  };
}

/** A member that is a text; empty when it is none. */
export const textAt = (record: JsonRecord, name: string): string => {
  const value = record[name];
  return typeof value === 'string' ? value : '';
};

/** Reads a whole message. */
export function readAnswer(body: JsonRecord): Answer | null {
  if (!Array.isArray(body['content'])) return null;
  const parts = listAt(body, 'content').flatMap((block) => (isRecord(block) ? readBlock(block) : []));
  const hasCalls = parts.some(({ kind }) => kind === 'tool_call');
  const head = { id: textAt(body, 'id') || null, model: textAt(body, 'model') || null };
  return { ...head, parts, ...endingOf(body, hasCalls) };
}

/** Blocks of tools that run at the provider cannot come: nobody could ask for them. */
function readBlock(block: JsonRecord): Answer['parts'] {
  switch (block['type']) {
    case 'text':
      return [{ kind: 'text', text: textAt(block, 'text') }];
    case 'thinking': {
      const signature = { kind: 'thinking', value: textAt(block, 'signature') } as const;
      return [{ kind: 'thinking', text: textAt(block, 'thinking'), signature }];
    }
    case 'redacted_thinking': {
      const signature = { kind: 'redacted', value: textAt(block, 'data') } as const;
      return [{ kind: 'thinking', text: '', signature }];
    }
    case 'tool_use':
      return [readToolUse(block)];
    default:
      return [];
  }
}

function readToolUse(block: JsonRecord): Answer['parts'][number] {
  const name = textAt(block, 'name');
  const args = recordAt(block, 'input');
  if (name === jsonTool) return { kind: 'text', text: JSON.stringify(args) };
  return { kind: 'tool_call', id: textAt(block, 'id'), name, args, signature: null };
}

/** Writes a whole message. */
export function writeAnswer(answer: Answer, usage: TokenUsage | null, terms: AnswerTerms): JsonRecord {
  return {
    ...messageOf(answer.id, answer.model, terms),
    content: answer.parts.flatMap((part) => writePart(part, terms)),
    stop_reason: stopReasonOf(answer),
    stop_sequence: answer.sequence,
    usage: writeUsage(usage),
  };
}

/** The closest stop reason. */
export const stopReasonOf = ({ stop }: Ending): string => stopReasons[stop];

/** What every message begins with. */
export const messageOf = (id: string | null, model: string | null, { call }: AnswerTerms): JsonRecord => ({
  id: id ?? `msg_${call.id}`,
  type: 'message',
  role: 'assistant',
  model: model ?? call.model,
});

function writePart(part: Answer['parts'][number], { showsThoughts }: AnswerTerms): readonly JsonRecord[] {
  switch (part.kind) {
    case 'text':
      return [{ type: 'text', text: part.text, citations: null }];
    case 'thinking':
      return showsThoughts ? [{ type: 'thinking', thinking: part.text, signature: unsigned }] : [];
    case 'tool_call': {
      const { id, name, args } = part;
      return [...signatureOf(part), { type: 'tool_use', id, name, input: args }];
    }
  }
}

/** Stands for the signature of thoughts that Anthropic did not have. */
export const unsigned = wrapSignature({ kind: 'thought', value: '' });

/** A call's signature goes before it as a block that callers hand back as it is. */
export const signatureOf = ({ signature }: Pick<ToolCallPart, 'signature'>): readonly JsonRecord[] =>
  signature === null ? [] : [{ type: 'redacted_thinking', data: wrapSignature(signature) }];

/** Writes usage as messages tell it: what came from the cache beside what did not. */
export function writeUsage(usage: TokenUsage | null): JsonRecord {
  const { input = 0, cachedInput = 0, output = 0, reasoning = 0 } = usage ?? {};
  return {
    input_tokens: input - cachedInput,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedInput,
    output_tokens: output,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

/** Writes an error. */
export function writeError({ status, message }: ToldError): JsonRecord {
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message } };
}
