import type { IncomingMessage } from 'node:http';
import { DomainError } from '#kernel';
import { noLongerLate, whenLate } from '../late-requests.js';

/**
 * Collects the body of a request.
 *
 * @param maxBytes the largest that is read; an announced larger one is refused before the first byte
 * @throws DomainError `request_too_large`, `request_timeout`; Error of the connection when the client goes away
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): void => reject(new DomainError('request_too_large', tooLargeText(maxBytes)));
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else tooLarge();
    });
    request.on('end', () => {
      noLongerLate(request);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    whenLate(request, reject);
    request.on('error', reject);
  });
}

const tooLargeText = (maxBytes: number): string =>
  `The request body is larger than the ${maxBytes} bytes that are taken.`;
