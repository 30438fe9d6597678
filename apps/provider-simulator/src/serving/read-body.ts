import type { IncomingMessage } from 'node:http';

/** Larger bodies are refused. */
export const maxBodyBytes = 32 * 1024 * 1024;

/**
 * Reads a request body to its end.
 *
 * @returns undefined when it exceeds {@link maxBodyBytes}; never settles when the client goes away before its end
 */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      if (bytes > maxBodyBytes) resolve(undefined);
      else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
  });
}
