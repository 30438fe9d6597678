import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { ProviderFailure, TokenUsage } from '#kernel';
import type { ModelCall, Operation } from '../contract/model-call.js';
import type { AnswerHeaders, FailureClassifier, ProviderAdapter } from '../contract/provider-adapter.js';
import type { UnusableAnswerCode } from '../failure/transport-failure.js';
import { isRecord, parseJson, recordAt } from '../json-value.js';
import { headerText } from '../limits/limit-bucket.js';

/** An answer that has arrived to its last byte. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/** What a whole answer comes to. */
export type Verdict =
  | {
      readonly ok: true;
      readonly usage: TokenUsage | null;
      /** Whether it is a JSON document, whatever type it was sent under. */
      readonly isJson: boolean;
      /** For the caller. */
      readonly body: Buffer;
    }
  | { readonly ok: false; readonly failure: ProviderFailure };

/** How much of a text a classifier gets to see. */
const maxFailureText = 65_536;

/** The media type of an answer in lower case, empty when it names none. */
export const mediaType = (headers: AnswerHeaders): string =>
  (headerText(headers, 'content-type') ?? '').toLowerCase();

const decoders: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** Whether a provider compressed its answer although it was asked not to. */
export const isEncoded = (headers: AnswerHeaders): boolean =>
  (headerText(headers, 'content-encoding') ?? 'identity') !== 'identity';

/**
 * Undoes the compression of an answer.
 *
 * @returns the same bytes when they are not compressed, or cannot be read within the limit
 */
export function decoded(body: Buffer, headers: AnswerHeaders, maxBytes: number): Buffer {
  const decode = decoders[headerText(headers, 'content-encoding')?.toLowerCase() ?? ''];
  if (decode === undefined) return body;
  try {
    return decode(body, { maxOutputLength: maxBytes });
  } catch {
    return body;
  }
}

/** Audio comes as bytes, transcripts may come as text; everything else, lists of models too, is JSON. */
const expectsJson = (call: ModelCall | null, type: string, body: Buffer) =>
  type.includes('json') ||
  call === null ||
  !(mayBeText.has(call.operation) || (body.length === 0 && call.object?.mayBeEmpty === true));

const mayBeText: ReadonlySet<Operation> = new Set<Operation>(['speech', 'transcriptions', 'translations']);

/** Whether a success is handed on as it comes: it may be of any kind, but in the place of a sound, JSON is an error. */
export function isPassedAsBytes({ object }: ModelCall, status: number, headers: AnswerHeaders): boolean {
  const type = mediaType(headers);
  if (status >= 300 || isEncoded(headers)) return false;
  return object !== undefined || (!type.includes('json') && !type.startsWith('text/html'));
}

const failed = (
  classifier: FailureClassifier,
  { status, headers, call }: WholeAnswer & { readonly call: ModelCall | null },
  body: unknown,
  code: UnusableAnswerCode | null,
  nowMs: number,
): Verdict => ({
  ok: false,
  failure: classifier.classify({ status, headers, body, transportCode: code, call }, nowMs),
});

/**
 * Judges a whole answer: a failure by its status, an error or a broken body behind a success, or a success. Parses the
 * body once, for errors and usage alike.
 *
 * @param call `null` for a probe
 * @param classifier who says what a failure means
 */
export function judge(
  adapter: ProviderAdapter,
  call: ModelCall | null,
  answer: WholeAnswer,
  nowMs: number,
  classifier: FailureClassifier,
): Verdict {
  const { status, headers, body } = answer;
  const isSuccess = status >= 200 && status < 300;
  const type = mediaType(headers);
  const isPage = type.startsWith('text/html');
  if (isSuccess && !isPage && !expectsJson(call, type, body))
    return { ok: true, usage: null, isJson: false, body };
  const text = body.toString();
  const json = parseJson(text);
  if (!isSuccess)
    return failed(classifier, { ...answer, call }, json ?? text.slice(0, maxFailureText), null, nowMs);
  if (json === undefined) return failed(classifier, { ...answer, call }, null, 'ANSWER_NOT_JSON', nowMs);
  // What a provider keeps may tell of an error of the past.
  if (call?.object === undefined && adapter.isDisguisedError(json))
    return failed(classifier, { ...answer, call }, json, null, nowMs);
  const told = adapter.translation === undefined ? body : adapter.translation.answer(json);
  if (told === null) return failed(classifier, { ...answer, call }, null, 'ANSWER_NOT_JSON', nowMs);
  return { ok: true, usage: adapter.readUsage(json), isJson: true, body: told };
}

/** The bytes of an error that came inside a stream, in the form of an answer: `{"error": ...}` at the top. */
export function errorDocument(error: unknown): Buffer {
  const inner = recordAt(error, 'response')['error'];
  const isWhole = isRecord(error) && 'error' in error;
  return Buffer.from(JSON.stringify(isWhole ? error : { error: inner ?? error }));
}
