import { isUtf8 } from 'node:buffer';
import { DomainError } from '#kernel';

/** A JSON object as a caller sent it; nothing is known of its fields yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a body once.
 *
 * @throws DomainError `unsupported_media_type`, or `invalid_request` for what is no JSON object in UTF-8
 */
export function readJsonObject(body: Buffer, contentType: string): JsonObject {
  if (!isJson(contentType)) {
    throw new DomainError('unsupported_media_type', 'Send the body as content-type application/json.');
  }
  if (body.length === 0) throw new DomainError('invalid_request', 'The request body is empty.');
  const text = body.toString('utf8');
  // What is no UTF-8 is decoded as this character. Looking for it costs nothing in ASCII, looking at every byte does.
  if (text.includes('\ufffd') && !isUtf8(body)) {
    throw new DomainError('invalid_request', 'The request body is not valid UTF-8.');
  }
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('invalid_request', 'The request body must be a JSON object.');
  }
  return value as JsonObject;
}

/** @throws DomainError `invalid_request` naming the field unless it is a text that is not empty */
export function requireText(json: JsonObject, field: string): string {
  const value = json[field];
  if (typeof value === 'string' && value !== '') return value;
  const fault = value === undefined ? 'is required' : 'must be a text that is not empty';
  throw new DomainError('invalid_request', `'${field}' ${fault}.`, { field });
}

/** @returns the number, or `null` when the field is absent or no number >= 1: its fault is the provider's to tell */
export function readCount(json: JsonObject, field: string): number | null {
  const value = json[field];
  return typeof value === 'number' && value >= 1 ? value : null;
}

function isJson(contentType: string): boolean {
  return /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(contentType);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new DomainError('invalid_request', 'The request body is not valid JSON.');
  }
}
