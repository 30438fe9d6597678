import type { TokenUsage } from '#kernel';
import type { StreamReader } from '../contract/provider-adapter.js';
import { OutputGauge } from './output-gauge.js';

/** What one wire format means by its events. Stateful, one per stream. */
export interface EventInterpreter {
  readonly outputStarted: boolean;
  readonly usage: TokenUsage | null;
  readonly error: unknown;
  readonly completed: boolean;
  /** Matches the beginning of a text the model has written, up to its opening quote; global. */
  readonly outputText: RegExp;
  /**
   * Whether whole events surely hold nothing to take note of and nothing to hide. It is asked before they are taken
   * apart, so most of a stream costs one search.
   *
   * @param events one character per byte
   */
  isDull(events: string): boolean;
  /**
   * Takes note of one whole event.
   *
   * @returns whether the caller shall see it
   */
  take(event: string): boolean;
  /**
   * Takes note of an event that was too large to be kept: an image, or a whole answer said again at its end.
   *
   * @param head its first 1 KiB
   * @param tail its last 64 KiB or more
   */
  takeHuge(head: string, tail: string): void;
  /** What of bytes that pass the caller shall see, where it is not all of them; whole events, unless one is huge. */
  readonly trim?: ((events: Buffer) => Buffer) | undefined;
}

/** An event larger than this passes before its end has come; of it only the ends are read. */
const maxEventBytes = 1_048_576;
const headBytes = 1_024;
/** Usage stands near the end; behind it a response says its metadata, of at most 8 KiB. */
const tailBytes = 65_536;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** The longest end of an event, CR LF CR LF, can be split after its third byte. */
const overlap = 3;
const nothing = Buffer.alloc(0);

/** @returns the position behind the next blank line that ends at or after `from`; -1 when there is none */
function eventEnd(bytes: Buffer, from: number, isLoneCr: boolean): number {
  if (isLoneCr) {
    const blank = bytes.indexOf('\r\r', from, 'latin1');
    return blank === -1 ? -1 : blank + 2;
  }
  for (let at = bytes.indexOf(lineFeed, from); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1];
    if (next === lineFeed) return at + 2;
    if (next === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

/** Lone carriage returns end lines too, by the letter; whoever uses them does so from the beginning. */
const endsLinesByCr = (beginning: Buffer) =>
  beginning.includes('\r\r', 0, 'latin1') && !beginning.includes(lineFeed);

/**
 * Reads server-sent events as they pass. Whole events go on at once, in the very bytes they came in; the beginning of
 * one waits for its end, so that a stream that breaks off never leaves half an event with the caller.
 */
export class SseReader implements StreamReader {
  /** The beginning of an event, `#heldLength` bytes of it in use. */
  #held = nothing;
  #heldLength = 0;
  /** The beginning of a huge event under way; `null` when there is none. */
  #hugeHead: string | null = null;
  #hadHugeEvent = false;
  /** How lines end is known from the first event on. */
  #hadEvent = false;
  #isLoneCr = false;
  readonly #gauge: OutputGauge;

  constructor(private readonly interpreter: EventInterpreter) {
    this.#gauge = new OutputGauge(interpreter.outputText);
  }

  get outputStarted(): boolean {
    return this.#hadHugeEvent || this.interpreter.outputStarted;
  }

  get usage(): TokenUsage | null {
    return this.interpreter.usage;
  }

  get error(): unknown {
    return this.interpreter.error;
  }

  get completed(): boolean {
    return this.interpreter.completed;
  }

  get outputTokensEstimate(): number {
    return this.#gauge.tokens;
  }

  read(chunk: Buffer): Buffer {
    return this.#trimmed(this.#read(chunk));
  }

  finish(): Buffer {
    const rest = this.#held.subarray(0, this.#heldLength);
    this.#release();
    // A last event without the blank line behind it still counts.
    return rest.length === 0 || this.#take(rest) ? this.#trimmed(rest) : nothing;
  }

  #trimmed(events: Buffer): Buffer {
    const { trim } = this.interpreter;
    return trim === undefined ? events : trim(events);
  }

  #read(chunk: Buffer): Buffer {
    if (this.#heldLength === 0) return this.#isDull(chunk) ? chunk : this.#pass(chunk, 0);
    const searchFrom = Math.max(0, this.#heldLength - overlap);
    this.#hold(chunk);
    const bytes = this.#held.subarray(0, this.#heldLength);
    if (this.#eventEnd(bytes, searchFrom) === -1)
      return this.#heldLength > maxEventBytes ? this.#passHuge() : nothing;
    this.#release();
    return this.#pass(bytes, searchFrom);
  }

  #isDull(chunk: Buffer): boolean {
    const isWhole = chunk[chunk.length - 1] === lineFeed && chunk[chunk.length - 2] === lineFeed;
    if (!isWhole || this.interpreter.error !== null) return false;
    const events = chunk.toString('latin1');
    if (!this.interpreter.isDull(events)) return false;
    this.#gauge.add(events);
    return true;
  }

  #eventEnd(bytes: Buffer, from: number): number {
    const end = eventEnd(bytes, from, this.#isLoneCr);
    if (end !== -1) this.#hadEvent = true;
    else if (!this.#hadEvent && endsLinesByCr(bytes)) {
      this.#isLoneCr = true;
      return this.#eventEnd(bytes, 0);
    }
    return end;
  }

  /** Passes all whole events of these bytes on and holds the rest. */
  #pass(bytes: Buffer, searchFrom: number): Buffer {
    const kept: Buffer[] = [];
    let start = 0;
    let keptFrom = 0;
    for (let end = this.#eventEnd(bytes, searchFrom); end !== -1; end = this.#eventEnd(bytes, end)) {
      if (!this.#take(bytes.subarray(start, end))) {
        kept.push(bytes.subarray(keptFrom, start));
        keptFrom = end;
      }
      start = end;
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start));
    const passed = start === bytes.length && keptFrom === 0 ? bytes : bytes.subarray(keptFrom, start);
    return kept.length === 0 ? passed : Buffer.concat([...kept, passed]);
  }

  /** @returns whether the caller shall see it */
  #take(event: Buffer): boolean {
    if (this.#hugeHead !== null) {
      this.interpreter.takeHuge(this.#hugeHead, event.toString());
      this.#hugeHead = null;
      return true;
    }
    const bytes = event.toString('latin1');
    this.#gauge.add(bytes);
    if (this.interpreter.error === null && this.interpreter.isDull(bytes)) return true;
    const isShown = this.interpreter.take(event.toString());
    // After output the gateway ends a failed stream in its own words: the provider's may tell whose account it was.
    return isShown && !(this.error !== null && this.outputStarted);
  }

  /** Lets the beginning of an event go that is too large to be kept. */
  #passHuge(): Buffer {
    const from = this.#heldLength - tailBytes;
    const bytes = this.#held.subarray(0, from);
    const rest = this.#held.subarray(from, this.#heldLength);
    this.#release();
    this.#hugeHead ??= bytes.toString('utf8', 0, headBytes);
    this.#hadHugeEvent = true;
    this.#hold(rest);
    return bytes;
  }

  #hold(bytes: Buffer): void {
    const length = this.#heldLength + bytes.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1_024, length * 2));
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
  }

  #release(): void {
    this.#held = nothing;
    this.#heldLength = 0;
  }
}
