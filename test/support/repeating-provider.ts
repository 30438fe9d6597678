import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LoopbackServer } from './loopback-server.js';

/** How a provider answers. */
export interface Fault {
  readonly status: number;
  readonly type: string;
  /** @param said all that a provider could repeat of a request: its headers and its body */
  body(said: string): string;
}

const inJson = (status: number, more: object = {}): Fault => ({
  status,
  type: 'application/json',
  body: (said) => JSON.stringify({ error: { message: said, code: said, type: said, param: said, ...more } }),
});
/** Every kind of error, each of which repeats what was asked. */
export const faults: readonly Fault[] = [
  ...[400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529].map((status) => inJson(status)),
  inJson(200),
  inJson(401, { code: 'invalid_api_key' }),
  inJson(429, { code: 'insufficient_quota', type: 'insufficient_quota' }),
  { status: 502, type: 'text/html', body: (said) => `<html>${said}</html>` },
  { status: 400, type: 'text/plain', body: (said) => said },
  { status: 500, type: 'application/json', body: (said) => `{"error": {"message": ${JSON.stringify(said)}` },
  {
    status: 200,
    type: 'text/event-stream',
    body: (said) => `data: ${JSON.stringify({ error: { message: said } })}\n\n`,
  },
  {
    status: 200,
    type: 'text/event-stream',
    body: (said) =>
      `data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\ndata: ${JSON.stringify({ error: { message: said } })}\n\n`,
  },
];

/** Headers of answers in which the provider repeats the key: passed on, read for limits and waits, or kept for support. */
const repeatingHeaders = [
  'x-request-id',
  'request-id',
  'openai-organization',
  'x-ratelimit-remaining-requests',
  'anthropic-ratelimit-requests-reset',
  'retry-after',
  'location',
];

/** A provider whose errors repeat all it was sent, keys included, in their bodies and headers. */
export class RepeatingProvider {
  fault: Fault = inJson(401);
  /** Whether requests for tokens get one, or what everything gets. */
  issuesTokens = false;
  /** Every canary it was sent. */
  readonly heard = new Set<string>();
  private readonly server = new LoopbackServer((request, response) => void this.serve(request, response));

  /** @param newToken what it issues */
  constructor(private readonly newToken: () => string) {}

  /** @returns its base URL */
  listen(): Promise<string> {
    return this.server.listen();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const said = `${JSON.stringify(request.headers)} ${request.url} ${await text(request)}`;
    for (const [heard] of said.matchAll(/canary[0-9a-f]{24}/g)) this.heard.add(heard);
    if (this.issuesTokens && request.url?.includes('token') === true) {
      response.end(JSON.stringify({ access_token: this.newToken(), expires_in: 3_600 }));
      return;
    }
    const { authorization, 'x-api-key': key, 'x-goog-api-key': googleKey } = request.headers;
    const repeated = String(authorization ?? key ?? googleKey);
    const headers = Object.fromEntries(repeatingHeaders.map((name) => [name, repeated]));
    response.writeHead(this.fault.status, { ...headers, 'content-type': this.fault.type });
    response.end(this.fault.body(said));
  }
}
