import type { TokenUsage } from '#kernel';
import { isRecord, listAt, parseJson } from '../../json-value.js';
import { lastObject } from '../../stream/last-object.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { errorIn } from './failure.js';
import { withoutNullUsage } from './null-usage.js';
import { readUsage } from './usage.js';

const isFilled = (value: unknown) =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Who speaks, and padding against eavesdroppers. */
const silent: ReadonlySet<string> = new Set(['role', 'obfuscation']);

/** Whether a choice brings anything but the role of who speaks. */
function isOutput(choice: unknown): boolean {
  if (!isRecord(choice)) return false;
  if (isFilled(choice['finish_reason']) || isFilled(choice['text'])) return true;
  const delta = choice['delta'];
  return isRecord(delta) && Object.keys(delta).some((field) => !silent.has(field) && isFilled(delta[field]));
}

const isUsageOnly = (chunk: unknown) =>
  isRecord(chunk) &&
  Array.isArray(chunk['choices']) &&
  chunk['choices'].length === 0 &&
  isRecord(chunk['usage']);

/**
 * What is worth parsing once output flows: an end, usage, an error; one event in a hundred or fewer. Inside a text the
 * quotes of a key are escaped, so a caller's words cannot be taken for one.
 */
const mattering = /"(?:finish_reason|usage|error)" *: *[^n ]|\[DONE\]|event: *error/;

/** Texts the model writes. */
const written = /"(?:content|reasoning_content|reasoning|refusal|arguments|text|transcript)" *: *"/g;
/** An error among lines of bare JSON, in which Ollama's own API streams and some relays of it tell their errors. */
const errorInLines = (event: string): unknown =>
  event
    .split('\n')
    .map(parseJson)
    .find((line) => errorIn(line) !== null) ?? null;

/** Streams of chat completions and of the older completions. */
export class ChatStream implements EventInterpreter {
  outputStarted = false;
  usage: TokenUsage | null = null;
  error: unknown = null;
  completed = false;
  readonly outputText = written;
  readonly trim: EventInterpreter['trim'];

  /** @param cutsUsage whether the usage was asked for by us and not by the caller: its chunk and its traces in others go */
  constructor(private readonly cutsUsage: boolean) {
    this.trim = cutsUsage ? withoutNullUsage : undefined;
  }

  isDull(events: string): boolean {
    return this.outputStarted && !mattering.test(events);
  }

  take(event: string): boolean {
    const { name, data } = readEvent(event);
    if (data === '[DONE]') this.completed = true;
    if (data === '' && event.startsWith('{')) this.error ??= errorInLines(event);
    if (data === '' || data === '[DONE]') return true;
    return this.#takeChunk(parseJson(data) ?? data, name);
  }

  takeHuge(_head: string, tail: string): void {
    this.outputStarted = true;
    this.completed ||= /"finish_reason" *: *"/.test(tail);
    this.usage = readUsage({ usage: lastObject(tail, 'usage') }) ?? this.usage;
  }

  #takeChunk(chunk: unknown, name: string): boolean {
    const error = name === 'error' ? (errorIn(chunk) ?? chunk) : errorIn(chunk);
    if (error !== null) {
      this.error = chunk;
      return true;
    }
    this.usage = readUsage(chunk) ?? this.usage;
    const choices = listAt(chunk, 'choices');
    this.outputStarted ||= choices.some(isOutput);
    this.completed ||= choices.some((choice) => isRecord(choice) && isFilled(choice['finish_reason']));
    return !(this.cutsUsage && isUsageOnly(chunk));
  }
}
