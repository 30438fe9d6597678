import type { AuditFields } from '../audit-event.js';
import { plainText } from './plain-text.js';

const mostEntries = 100;
const deepest = 5;
const mostCharacters = 32_768;

/**
 * Fields as they may be kept for good: JSON of bounded depth, breadth and length, keys in order, no text in them that
 * looks like a key. What is beyond the bounds is left out and marked.
 */
export function boundedJson(fields: AuditFields): AuditFields {
  const kept = boundedValue(fields, 0) as AuditFields;
  return JSON.stringify(kept).length > mostCharacters ? { tooLarge: Object.keys(kept) } : kept;
}

function boundedValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return plainText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (typeof value !== 'object' || depth >= deepest) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, mostEntries).map((item) => boundedValue(item, depth + 1));
    return value.length > mostEntries ? [...items, `… ${value.length - mostEntries} more`] : items;
  }
  return boundedObject(value, depth);
}

function boundedObject(value: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = entries
    .slice(0, mostEntries)
    .map(([name, entry]) => [plainText(name), boundedValue(entry, depth + 1)]);
  if (entries.length > mostEntries) kept.push(['…', `${entries.length - mostEntries} more`]);
  return Object.fromEntries(kept) as Record<string, unknown>;
}
