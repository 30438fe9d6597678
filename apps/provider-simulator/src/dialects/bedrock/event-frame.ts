import { crc32 } from 'node:zlib';

/** The content type of frames. */
export const frameStream = 'application/vnd.amazon.eventstream';

/** A message of an event stream: lengths and their checksum, headers of text, payload, checksum of it all. One character per byte. */
export function frame(headers: Readonly<Record<string, string>>, payload: object): string {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(JSON.stringify(payload));
  const bytes = Buffer.alloc(16 + head.length + body.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(head.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  head.copy(bytes, 12);
  body.copy(bytes, 12 + head.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes.toString('latin1');
}

const textType = 7;

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([textType]),
    length,
    Buffer.from(value),
  ]);
}

const json = { ':content-type': 'application/json' };
/** Payloads are padded, so that their length tells nothing of the words. */
const padding = 'abcdefghijklmnopqrstuvwxyz';

/** An event. */
export const eventFrame = (type: string, event: object): string =>
  frame({ ':event-type': type, ...json, ':message-type': 'event' }, { ...event, p: padding });

/** What comes in the place of further events when something goes wrong. */
export const exceptionFrame = (type: string, message: string): string =>
  frame({ ':exception-type': type, ...json, ':message-type': 'exception' }, { message });
