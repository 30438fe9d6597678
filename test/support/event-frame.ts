import { crc32 } from 'node:zlib';

const checksum = (bytes: Buffer): Buffer => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
};

const header = (name: string, value: string): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7]),
    length,
    Buffer.from(value),
  ]);
};

/**
 * A message of `application/vnd.amazon.eventstream` with any bytes for headers.
 *
 * @param length what it says of its length; default: the truth
 */
export function rawFrame(headers: Buffer, payload = Buffer.alloc(0), length?: number): Buffer {
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(length ?? 16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  const message = Buffer.concat([prelude, checksum(prelude), headers, payload]);
  return Buffer.concat([message, checksum(message)]);
}

/** A message with headers of text. */
export const eventFrame = (headers: Readonly<Record<string, string>>, payload: string): Buffer =>
  rawFrame(
    Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value))),
    Buffer.from(payload),
  );

/** An event of Claude as Bedrock frames it. */
export const chunkFrame = (event: object): Buffer =>
  eventFrame(
    { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdefgh' }),
  );

/** An event of Converse as Bedrock frames it. */
export const converseFrame = (type: string, event: object): Buffer =>
  eventFrame(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify({ ...event, p: 'abcdefgh' }),
  );

/** An exception as Bedrock frames it. */
export const exceptionFrame = (type: string, message: string): Buffer =>
  eventFrame(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify({ message }),
  );
