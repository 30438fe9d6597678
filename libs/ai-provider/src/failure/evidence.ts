import type { AnswerHeaders, FailedAnswer } from '../contract/provider-adapter.js';
import { isRecord, listAt, parseJson, recordAt } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';
import { headerText } from '../limits/limit-bucket.js';
import { CallersWords } from './callers-words.js';
import type { Symptoms } from './operator-rule.js';
import { unquoted } from './unquoted.js';

/** Everything in a failed answer that a rule may look at, brought into one form. */
export interface Evidence extends Symptoms {
  readonly callersWords: CallersWords;
  /** The messages as they came, for reading a waiting time. */
  readonly message: string;
  readonly headers: AnswerHeaders;
  /** The objects that describe the error, outermost first. */
  readonly records: readonly JsonRecord[];
  /** Whether a bucket of requests or tokens, named as such in the headers, has nothing left. */
  readonly emptyBucket: boolean;
  readonly isText: boolean;
}

const maxMessageLength = 4_096;
const maxDepth = 5;
const maxCodes = 64;
const maxCodeLength = 256;
const maxFaults = 16;
const codeFields = [
  'code',
  'type',
  'status',
  'reason',
  'error_type',
  'limit_source',
  'blockReason',
  'quotaId',
];
const messageFields = ['message', 'error', 'detail', 'title', 'msg', 'error_description'];

/** Wherever providers put an error: the body, `error`, `response.error`, `choices[0].error`, JSON inside a text. */
function unfold(value: unknown, depth = 0): readonly JsonRecord[] {
  if (depth > maxDepth) return [];
  if (typeof value === 'string') return /^\s*[[{]/.test(value) ? unfold(parseJson(value), depth + 1) : [];
  if (Array.isArray(value)) return unfold(value[0], depth + 1);
  if (!isRecord(value)) return [];
  return [
    value,
    ...unfold(value['error'], depth + 1),
    ...(typeof value['message'] === 'string' ? unfold(value['message'], depth + 1) : []),
    ...unfold(recordAt(value, 'response')['error'], depth + 1),
    ...unfold(recordAt(listAt(value, 'choices')[0], 'error'), depth + 1),
  ];
}

/** The places beside an error object that carry codes of their own. */
function annexes(record: JsonRecord): readonly unknown[] {
  const details = listAt(record, 'details').slice(0, maxFaults);
  return [
    ...details,
    ...details.flatMap((detail) => listAt(detail, 'violations').slice(0, maxFaults)),
    ...listAt(record, 'errors').slice(0, maxFaults),
    recordAt(record, 'metadata'),
    recordAt(record, 'innererror'),
    recordAt(record, 'promptFeedback'),
  ];
}

/** What stands in these fields, if it may be a code: no long text, and not endlessly many. In loops, for failures may come in floods. */
function textsAt(places: readonly unknown[], fields: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (const place of places) {
    if (!isRecord(place)) continue;
    for (const field of fields) {
      const code = place[field];
      if (typeof code === 'string' && code.length <= maxCodeLength) texts.push(code.toLowerCase());
      else if (typeof code === 'number') texts.push(String(code));
    }
    if (texts.length >= maxCodes) break;
  }
  return texts;
}

function codesOf(records: readonly JsonRecord[], headers: AnswerHeaders): readonly string[] {
  const codes = textsAt(
    records.flatMap((record) => [record, ...annexes(record)]),
    codeFields,
  );
  const exception = headerText(headers, 'x-amzn-errortype')?.split(':')[0]?.toLowerCase();
  return exception === undefined ? codes : [...codes, exception];
}

function messageOf(records: readonly JsonRecord[], body: unknown): string {
  if (typeof body === 'string' && records.length === 0) return body.slice(0, maxMessageLength);
  const parts: string[] = [];
  for (const record of records) {
    for (const field of messageFields) {
      const part = record[field];
      if (isRecord(part) && !('detail' in part)) continue;
      const words = wordsIn(part);
      if (words !== '') parts.push(words);
    }
  }
  return parts.join('\n').slice(0, maxMessageLength);
}

/** The words of a message, or of a list of faults; the inputs that faults quote are left out. */
function wordsIn(part: unknown, depth = 0): string {
  if (typeof part === 'string') return part;
  if (depth > maxDepth) return '';
  if (Array.isArray(part)) {
    return part
      .slice(0, maxFaults)
      .map((item) => wordsIn(item, depth + 1))
      .join('\n');
  }
  return isRecord(part) ? wordsIn(part['msg'] ?? part['message'] ?? part['detail'], depth + 1) : '';
}

function statusOf(answer: FailedAnswer, records: readonly JsonRecord[]): number {
  const http = answer.status ?? 0;
  if (http >= 300) return http;
  const named = records
    .flatMap((record) => [record['code'], record['status']])
    .map((code) => (typeof code === 'number' || typeof code === 'string' ? Number(code) : NaN))
    .find((code) => code >= 400 && code < 600);
  return named ?? http;
}

/** A relay may put the error of the provider behind it into its message as a literal; at these statuses no caller is quoted. */
function innerMessage(status: number, text: string): string {
  if (![401, 402, 403, 429].includes(status)) return '';
  return / 'message': '([^']{1,1000})'/.exec(text)?.[1] ?? '';
}

function hasEmptyBucket(headers: AnswerHeaders): boolean {
  return Object.keys(headers).some(
    (name) =>
      /^(x-ratelimit-remaining-|anthropic-ratelimit-\S+-remaining$)/.test(name) &&
      headerText(headers, name)?.trim() === '0',
  );
}

/** An adapter and the judge in front of it look at the same answer. */
const gathered = new WeakMap<FailedAnswer, Evidence>();

/** Brings a failed answer into one form, once. Never throws, whatever the body is. */
export function gatherEvidence(answer: FailedAnswer): Evidence {
  const known = gathered.get(answer);
  if (known !== undefined) return known;
  const evidence = evidenceOf(answer);
  gathered.set(answer, evidence);
  return evidence;
}

function evidenceOf(answer: FailedAnswer): Evidence {
  const records = unfold(answer.body);
  const message = messageOf(records, answer.body);
  const status = statusOf(answer, records);
  const text = message.toLowerCase().replaceAll('’', "'");
  return {
    status,
    codes: codesOf(records, answer.headers),
    types: textsAt(records, ['type', 'error_type']),
    text: [unquoted(text), innerMessage(status, text)].join('\n').trim(),
    message,
    headers: answer.headers,
    records,
    emptyBucket: hasEmptyBucket(answer.headers),
    isText: records.length === 0,
    callersWords: new CallersWords(answer.call ?? null),
  };
}
