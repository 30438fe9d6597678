import { createHash } from 'node:crypto';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** When keys of a policy are rotated. */
export interface Timetable {
  readonly everyDays: number;
  readonly windowHours: number;
  readonly warnDays: readonly number[];
}

/**
 * When the next rotation of a key begins: before its secret is of the age, by a part of the window that is the key's own and always
 * the same, so that keys of one age do not begin together.
 *
 * @param fromMs ms since the epoch at which the secret was made
 */
export function dueMs(apiKeyId: string, { everyDays, windowHours }: Timetable, fromMs: number): number {
  const part = createHash('sha256').update(apiKeyId).digest().readUInt32BE() / 2 ** 32;
  return Math.round(fromMs + everyDays * dayMs - part * windowHours * hourMs);
}

/** Of a key that comes under a policy: not before it was warned of as long ahead as the policy says. */
export function firstDueMs(apiKeyId: string, timetable: Timetable, fromMs: number, nowMs: number): number {
  return Math.max(dueMs(apiKeyId, timetable, fromMs), nowMs + (warnings(timetable)[0] ?? 0) * dayMs);
}

/** When there is something to do for a key: the first warning after now, or the rotation. */
export function nextLookMs(dueAtMs: number, timetable: Timetable, nowMs: number): number {
  const ahead = warnings(timetable).map((days) => dueAtMs - days * dayMs);
  return ahead.find((atMs) => atMs > nowMs) ?? dueAtMs;
}

/** Of an age of a day nobody is warned a week before. */
const warnings = ({ everyDays, warnDays }: Timetable): number[] =>
  warnDays.filter((days) => days < everyDays).sort((a, b) => b - a);
