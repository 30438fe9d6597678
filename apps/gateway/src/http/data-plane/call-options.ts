import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '#kernel';

/** What a caller asks of us beside the call itself, by request headers. */
export interface CallOptions {
  /** `x-pool-tags: k=v,...`: cost attribution. */
  readonly tags: Readonly<Record<string, string>>;
  /** `x-pool-timeout-ms`: the caller's own deadline; `null` when it set none. */
  readonly timeoutMs: number | null;
  /** `x-pool-no-fallback`: one attempt only. */
  readonly noFallback: boolean;
  /** `x-pool-affinity`: equal for calls whose prompts begin alike; `null` when it named none. */
  readonly affinity: string | null;
}

const noTags: Readonly<Record<string, string>> = Object.freeze({});
const plain: CallOptions = Object.freeze({
  tags: noTags,
  timeoutMs: null,
  noFallback: false,
  affinity: null,
});
const tagPattern = /^([\w.-]{1,64})=([\w.:/@ -]{1,128})$/;
const maxTags = 16;
const longestAffinity = 256;

/** @throws DomainError `invalid_request` naming the header that cannot be read */
export function readCallOptions(headers: IncomingHttpHeaders): CallOptions {
  const tags = headers['x-pool-tags'];
  const timeout = headers['x-pool-timeout-ms'];
  const noFallback = headers['x-pool-no-fallback'];
  const affinity = headers['x-pool-affinity'];
  const isPlain = tags === undefined && timeout === undefined && noFallback === undefined;
  if (isPlain && affinity === undefined) return plain;
  return {
    tags: tags === undefined ? noTags : readTags(String(tags)),
    timeoutMs: timeout === undefined ? null : readTimeout(String(timeout)),
    noFallback: noFallback !== undefined && readFlag(String(noFallback)),
    affinity: affinity === undefined ? null : readAffinity(String(affinity)),
  };
}

function readTags(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((part) => tagPattern.exec(part.trim()));
  if (pairs.length > maxTags) throw unreadable('x-pool-tags', `holds more than ${maxTags} tags`);
  const entries = pairs.map((pair) => {
    if (pair === null) throw unreadable('x-pool-tags', 'must be k=v pairs divided by commas');
    return [pair[1] ?? '', pair[2] ?? ''] as const;
  });
  return Object.fromEntries(entries);
}

function readTimeout(text: string): number {
  const timeoutMs = Number(text);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw unreadable('x-pool-timeout-ms', 'must be a whole number of milliseconds, at least 1');
  }
  return timeoutMs;
}

function readFlag(text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw unreadable('x-pool-no-fallback', "must be 'true' or 'false'");
}

function readAffinity(text: string): string {
  if (text.length >= 1 && text.length <= longestAffinity) return text;
  throw unreadable('x-pool-affinity', `must have 1 to ${longestAffinity} characters`);
}

function unreadable(header: string, fault: string): DomainError {
  return new DomainError('invalid_request', `The header ${header} ${fault}.`, { field: header });
}
