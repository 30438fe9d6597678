import type { TokenUsage } from '#kernel';
import { isRecord, listAt, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { ModelCall } from '../../contract/model-call.js';
import type { Answer, Stop } from '../answer.js';
import type { Signature, ToolCallPart } from '../conversation.js';
import { wrapSignature } from '../signature.js';
import type { AnswerTerms, ToldError } from '../wire-translator.js';

const stops: Readonly<Record<string, Stop>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'refused',
  RECITATION: 'refused',
  BLOCKLIST: 'refused',
  PROHIBITED_CONTENT: 'refused',
  SPII: 'refused',
  IMAGE_SAFETY: 'refused',
};

const finishReasons: Readonly<Record<Stop, string>> = {
  end: 'STOP',
  length: 'MAX_TOKENS',
  stop_sequence: 'STOP',
  tool_calls: 'STOP',
  refused: 'SAFETY',
  other: 'OTHER',
};

/**
 * What a finish reason means.
 *
 * @param hasCalls whether functions are asked for: Google has no word of its own for that
 */
export function stopOf(reason: unknown, hasCalls: boolean): Stop {
  const stop = stops[String(reason)] ?? 'other';
  return stop === 'end' && hasCalls ? 'tool_calls' : stop;
}

/** Whether a prompt was refused before anything was generated. */
export const isBlocked = (body: JsonRecord): boolean =>
  typeof recordAt(body, 'promptFeedback')['blockReason'] === 'string';

/** A member that is a text; `null` when it is none. */
export const textAt = (record: JsonRecord, name: string): string | null => {
  const value = record[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** The parts of the first candidate. */
export const partsOf = (body: JsonRecord): readonly JsonRecord[] =>
  listAt(recordAt(listAt(body, 'candidates')[0], 'content'), 'parts').filter(isRecord);

/** Reads whole generated content. */
export function readAnswer(body: JsonRecord, call: ModelCall): Answer | null {
  const candidate = listAt(body, 'candidates')[0];
  if (!isRecord(candidate) && !isBlocked(body)) return null;
  const parts = partsOf(body).flatMap((part, index) => readPart(part, `call_${call.id}_${index}`));
  const hasCalls = parts.some(({ kind }) => kind === 'tool_call');
  const reason = isRecord(candidate) ? candidate['finishReason'] : 'SAFETY';
  return {
    id: textAt(body, 'responseId'),
    model: textAt(body, 'modelVersion'),
    parts,
    stop: stopOf(reason, hasCalls),
    sequence: null,
  };
}

/**
 * Reads a part of an answer.
 *
 * @param id for a call that has none
 */
export function readPart(part: JsonRecord, id: string): Answer['parts'] {
  const text = textAt(part, 'text');
  if (part['thought'] === true) return text === null ? [] : [{ kind: 'thinking', text, signature: null }];
  const called = part['functionCall'];
  if (!isRecord(called)) return text === null ? [] : [{ kind: 'text', text }];
  const value = textAt(part, 'thoughtSignature');
  const signature: Signature | null = value === null ? null : { kind: 'thought', value };
  const name = textAt(called, 'name') ?? '';
  return [
    { kind: 'tool_call', id: textAt(called, 'id') ?? id, name, args: recordAt(called, 'args'), signature },
  ];
}

/** Writes whole generated content. */
export function writeAnswer(answer: Answer, usage: TokenUsage | null, terms: AnswerTerms): JsonRecord {
  const parts = answer.parts.flatMap((part) => writePart(part, terms));
  return {
    ...candidateOf(parts, finishReasonOf(answer.stop)),
    ...(usage !== null && { usageMetadata: writeUsage(usage) }),
    ...headOf(answer, terms),
  };
}

/** The finish reason that comes closest. */
export const finishReasonOf = (stop: Stop): string => finishReasons[stop];

/** What every answer and every chunk ends with. */
export const headOf = (head: Pick<Answer, 'id' | 'model'>, { call }: AnswerTerms): JsonRecord => ({
  modelVersion: head.model ?? call.model,
  responseId: head.id ?? call.id,
});

/** A content in its place. */
export const candidateOf = (parts: readonly JsonRecord[], finishReason: string | null): JsonRecord => ({
  candidates: [
    { content: { parts, role: 'model' }, ...(finishReason !== null && { finishReason }), index: 0 },
  ],
});

function writePart(part: Answer['parts'][number], { showsThoughts }: AnswerTerms): readonly JsonRecord[] {
  switch (part.kind) {
    case 'text':
      return [{ text: part.text }];
    case 'thinking': {
      const { text, signature } = part;
      if (signature !== null) return [{ text, thought: true, thoughtSignature: wrapSignature(signature) }];
      return showsThoughts ? [{ text, thought: true }] : [];
    }
    case 'tool_call':
      return [callPart(part)];
  }
}

/** A function call as a part. */
export const callPart = ({ id, name, args }: Pick<ToolCallPart, 'id' | 'name' | 'args'>): JsonRecord => ({
  functionCall: { id, name, args },
});

/** Writes usage as Gemini tells it: thoughts beside the candidates. */
export const writeUsage = ({ input, cachedInput, output, reasoning }: TokenUsage): JsonRecord => ({
  promptTokenCount: input,
  ...(cachedInput > 0 && { cachedContentTokenCount: cachedInput }),
  candidatesTokenCount: output - reasoning,
  ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
  totalTokenCount: input + output,
});

const statuses: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Writes an error. */
export function writeError({ status, message }: ToldError): JsonRecord {
  const name = statuses[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE');
  return { error: { code: status, message, status: name } };
}
