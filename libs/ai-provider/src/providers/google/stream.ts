import type { TokenUsage } from '#kernel';
import { isRecord, listAt, parseJson, recordAt } from '../../json-value.js';
import { lastObject } from '../../stream/last-object.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { isDisguisedError } from './answer.js';
import { readUsage } from './usage.js';

/** What is worth parsing once output flows. In the arguments of a tool these may be keys, which parsing tells apart. */
const mattering = /"(?:error|finishReason|blockReason)"/;

const isEnded = (candidate: unknown) => isRecord(candidate) && typeof candidate['finishReason'] === 'string';

/** Anything but an empty text: words, thoughts, calls, code, images. */
const isOutput = (part: unknown) => isRecord(part) && part['text'] !== '';

/** Texts the model writes. */
const written = /"text" *: *"/g;

/** Streams of generated content. Every chunk carries usage so far: only the last one is parsed, when asked for. */
export class ContentStream implements EventInterpreter {
  outputStarted = false;
  error: unknown = null;
  completed = false;
  readonly outputText = written;
  #lastWithUsage: string | null = null;

  get usage(): TokenUsage | null {
    return this.#lastWithUsage === null ? null : readUsage(parseJson(readEvent(this.#lastWithUsage).data));
  }

  /** Nearly every chunk has usage so far, which must be kept, if not parsed. */
  isDull(): boolean {
    return false;
  }

  take(event: string): boolean {
    if (event.includes('"usageMetadata"')) this.#lastWithUsage = event;
    if (this.outputStarted && !mattering.test(event)) return true;
    const { data } = readEvent(event);
    if (data === '') return true;
    const body = parseJson(data);
    if (body === undefined || isDisguisedError(body)) this.error = body ?? data;
    else this.#takeChunk(body);
    return true;
  }

  takeHuge(_head: string, tail: string): void {
    this.outputStarted = true;
    this.completed ||= /"finishReason" *: *"/.test(tail);
    if (!tail.includes('"usageMetadata"')) return;
    this.#lastWithUsage = `data: ${JSON.stringify({ usageMetadata: lastObject(tail, 'usageMetadata') })}\n\n`;
  }

  #takeChunk(body: unknown): void {
    const candidates = listAt(body, 'candidates');
    const hasEnded =
      candidates.some(isEnded) || typeof recordAt(body, 'promptFeedback')['blockReason'] === 'string';
    this.completed ||= hasEnded;
    this.outputStarted ||=
      hasEnded ||
      candidates.some((candidate) => listAt(recordAt(candidate, 'content'), 'parts').some(isOutput));
  }
}
