import { expect } from '@jest/globals';
import type { Seen } from './world.js';

/** Headers of answers that belong to one connection or one server, or would tell whose account it was. */
const ofServer =
  /^(?:date|connection|keep-alive|transfer-encoding|content-length|server|x-request-id|request-id|openai-organization|anthropic-organization-id|x-pool-.*)$/;

const headersOf = (headers: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofServer.test(name)));

/** Headers by which a provider knows what is asked of it. */
const askingHeaders = ['content-type', 'anthropic-version', 'anthropic-beta', 'openai-beta'];

function askedBy({ received }: Seen): object {
  const { method, url, headers } = received();
  return { method, url, headers: Object.fromEntries(askingHeaders.map((name) => [name, headers[name]])) };
}

/** The usage of a stream is asked for by the gateway where the caller did not; nothing else of a request may change. */
function bodyReceived(relayed: Seen, direct: Seen): string {
  const asksForUsage = '"stream_options":{"include_usage":true}';
  const { body } = relayed.received();
  return direct.received().body.includes(asksForUsage) ? body : body.replace(`${asksForUsage},`, '');
}

/** What the SDK made of it, what went over the wire and what the provider was asked are the same. */
export function expectSame(direct: Seen, relayed: Seen): void {
  expect(relayed.wire.map(({ status }) => status)).toEqual(direct.wire.map(({ status }) => status));
  expect(relayed.wire.map(({ body }) => body.toString())).toEqual(
    direct.wire.map(({ body }) => body.toString()),
  );
  expect(relayed.wire.map(({ headers }) => headersOf(headers))).toEqual(
    direct.wire.map(({ headers }) => headersOf(headers)),
  );
  expect(relayed.result).toEqual(direct.result);
  expect(askedBy(relayed)).toEqual(askedBy(direct));
  expect(bodyReceived(relayed, direct)).toEqual(direct.received().body);
}
