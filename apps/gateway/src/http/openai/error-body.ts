import type { Operation } from '#ai-provider';
import type { EdgeError, ErrorBody } from '../data-plane/edge-error.js';

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** Streams of chunks, in which an error has no name; all others are of events that say their type. */
const chunked: ReadonlySet<Operation> = new Set<Operation>(['chat_completions', 'completions']);

const body = ({ code, status, message, field }: EdgeError): object => ({
  error: {
    message,
    type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
    param: field,
    code,
  },
});

/** An `error` event as it is documented, and with the `error` member by which the SDKs know it and throw. */
function typedEvent(error: EdgeError, last: Buffer | null): string {
  const { code, message, field } = error;
  const event = { type: 'error', code, message, param: field, sequence_number: numberAfter(last) };
  return `event: error\ndata: ${JSON.stringify({ ...event, ...body(error) })}\n\n`;
}

/** Events are numbered through; 0 where they are not. */
function numberAfter(last: Buffer | null): number {
  const numbers = last?.toString('latin1').match(/"sequence_number": *\d+/g) ?? [];
  return Number(/\d+$/.exec(numbers.at(-1) ?? '-1')?.[0] ?? -1) + 1;
}

/**
 * `{"error":{"message","type","param","code"}}`; in a stream the same as a last chunk, or as an event of type `error`. No
 * `[DONE]` follows: that would say that all is well.
 */
export const openaiError: ErrorBody = {
  body,
  lastEvent: (error, operation, last) =>
    chunked.has(operation) ? `data: ${JSON.stringify(body(error))}\n\n` : typedEvent(error, last),
};
