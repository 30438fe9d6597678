import { isObject } from '../scenario/shape.js';
import type { InvalidRequest, NothingKept, Operation, OperationRequest, Reading } from './dialect.js';
import { tokensOf } from '../accounts/token-count.js';

/** A JSON object whose fields are still to be looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** A complaint about one field. */
export function invalid(message: string, param: string | null = null): InvalidRequest {
  return { kind: 'invalid', message, param };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** An operation whose request is a JSON object. */
export function jsonOperation(
  name: string,
  read: (fields: Fields, request: OperationRequest) => Reading | InvalidRequest | NothingKept,
): Operation {
  return {
    name,
    read(request) {
      const fields = parse(request.body);
      return isObject(fields)
        ? read(fields, request)
        : invalid('We could not parse the JSON body of your request.');
    },
  };
}

/** A reading with the usual values for what is not given: a plain call that generates tokens. */
export function reading(given: Pick<Reading, 'model' | 'answer'> & Partial<Reading>): Reading {
  const prompt = given.prompt ?? '';
  return {
    kind: 'reading',
    prompt,
    inputTokens: tokensOf(prompt),
    streamed: false,
    cost: 'generation',
    maxOutputTokens: undefined,
    tool: undefined,
    answerSchema: undefined,
    cachedTokens: 0,
    cacheable: true,
    ...given,
  };
}

/** The field as a text; empty when it is none. */
export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** The field as a whole number of 1 or more. */
export function countField(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && value >= 1 ? Math.floor(value) : undefined;
}

/** The field as an object; empty when it is none. */
export function objectField(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isObject(value) ? value : {};
}

/** The objects in a list; empty when there is no list. */
export function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
