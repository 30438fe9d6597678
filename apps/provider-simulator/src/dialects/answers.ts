import type { Answer } from './dialect.js';

/** A complete JSON answer. */
export function json(value: unknown): Answer {
  return { kind: 'whole', contentType: 'application/json', body: JSON.stringify(value) };
}

/** A server-sent event without a name. */
export const sse = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;

/** A server-sent event named by its own `type`, as Anthropic and OpenAI's Responses have them. */
export const typedSse = <T extends { readonly type: string }>(data: T) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** The content type of a stream of server-sent events. */
export const eventStream = 'text/event-stream; charset=utf-8';
