import type { StreamReader } from '../contract/provider-adapter.js';

const nothing = Buffer.alloc(0);

/** Passes on bytes of any kind. Whether they are all there, the length or the last chunk of the answer says. */
export class ByteReader implements StreamReader {
  readonly outputStarted = true;
  readonly usage = null;
  readonly outputTokensEstimate = 0;
  readonly error = null;
  completed = false;

  read(chunk: Buffer): Buffer {
    return chunk;
  }

  finish(): Buffer {
    this.completed = true;
    return nothing;
  }
}
