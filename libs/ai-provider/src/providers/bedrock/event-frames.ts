import { crc32 } from 'node:zlib';

/** One message of `application/vnd.amazon.eventstream`. */
export interface EventFrame {
  /** Text headers alone; the others say nothing that matters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

/** A message is never larger; whoever says so has lost the framing. */
const maxFrameBytes = 16 * 1_024 * 1_024;
/** Length of the message, length of its headers, checksum of both. */
const preludeBytes = 12;
const checksumBytes = 4;
const textType = 7;
/** Bytes of a header's value by its type; of types 6 and 7 the length stands before it. */
const valueBytes: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

/** The bytes are no framed messages, or some of them are wrong. */
export class FrameDamaged extends Error {}

/**
 * Takes a stream of framed messages apart, wherever the chunks are cut ("Event stream encoding", Amazon Transcribe
 * developer guide and Smithy's specification).
 */
export class EventFrames {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** How many bytes it takes until something can be read. */
  #wantedBytes = preludeBytes;

  /** Whether the stream ended inside a message. */
  get isCut(): boolean {
    return this.#heldBytes > 0;
  }

  /**
   * @returns the messages that are complete now
   * @throws FrameDamaged when a checksum or a length is wrong
   */
  push(chunk: Buffer): readonly EventFrame[] {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#wantedBytes) return [];
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
    const frames: EventFrame[] = [];
    let at = 0;
    while (bytes.length - at >= this.#wantedBytes) {
      const length = frameLength(bytes, at);
      this.#wantedBytes = length;
      if (bytes.length - at < length) break;
      frames.push(readFrame(bytes.subarray(at, at + length)));
      at += length;
      this.#wantedBytes = preludeBytes;
    }
    const rest = bytes.subarray(at);
    this.#held = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    return frames;
  }
}

function frameLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  const isRight = crc32(bytes.subarray(at, at + 8)) === bytes.readUInt32BE(at + 8);
  const fits = length >= preludeBytes + checksumBytes + bytes.readUInt32BE(at + 4);
  if (!isRight || !fits || length > maxFrameBytes)
    throw new FrameDamaged('the prelude of a message is wrong');
  return length;
}

function readFrame(frame: Buffer): EventFrame {
  const end = frame.length - checksumBytes;
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) {
    throw new FrameDamaged('the checksum of a message is wrong');
  }
  const headersEnd = preludeBytes + frame.readUInt32BE(4);
  return {
    headers: readHeaders(frame.subarray(preludeBytes, headersEnd)),
    payload: frame.subarray(headersEnd, end),
  };
}

function readHeaders(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new FrameDamaged('a header of a message is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const name = take(take(1)[0] ?? 0).toString();
    const type = take(1)[0] ?? 0;
    const length = type === textType || type === 6 ? take(2).readUInt16BE() : valueBytes[type];
    if (length === undefined) throw new FrameDamaged('a header of a message has an unknown type');
    const value = take(length);
    if (type === textType) headers[name] = value.toString();
  }
  return headers;
}
