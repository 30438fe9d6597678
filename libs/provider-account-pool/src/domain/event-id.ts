import { randomUUIDv7 } from 'node:crypto';

/** Events of one process within one millisecond that can be told apart by order; beyond, their order is lost. */
const mostPerMs = 0x1000;
const latest = { ms: 0, sequence: 0 };

/**
 * Makes the id of an event: a UUID v7 whose order is the order of time, and within a millisecond the order of making
 * (RFC 9562, section 6.2, method 1).
 *
 * @param atMs ms since the epoch
 */
export function eventIdAt(atMs: number): string {
  const ms = Math.floor(atMs);
  latest.sequence = ms === latest.ms ? (latest.sequence + 1) % mostPerMs : 0;
  latest.ms = ms;
  const random = randomUUIDv7().slice(18);
  return `${stampOf(ms)}-7${latest.sequence.toString(16).padStart(3, '0')}${random}`;
}

/**
 * The smallest id that an event of an instant can have: smaller ones are older.
 *
 * @param atMs ms since the epoch
 */
export const firstEventIdAt = (atMs: number): string => `${stampOf(Math.floor(atMs))}-7000-8000-000000000000`;

function stampOf(ms: number): string {
  const stamp = ms.toString(16).padStart(12, '0');
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}`;
}
