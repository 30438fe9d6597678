import type { ObjectKind } from '#ai-provider';

/** As a batch of Anthropic says where its results lie: SDKs go there, with the key they have. */
const address = /("results_url"\s*:\s*")https?:\/\/[^"/]+([^"?#]*)"/;

/**
 * An answer in which the results of a batch lie here and not with the provider, who does not know the caller's key. A path
 * without a host: SDKs put their base URL in front of it, and nobody needs to know how they reach us.
 */
export function withOwnAddress(kind: ObjectKind, body: Buffer): Buffer {
  if (kind !== 'message_batches') return body;
  const text = body.toString();
  return address.test(text) ? Buffer.from(text.replace(address, ownAddress)) : body;
}

/** A provider behind a base URL with a path of its own has that path in its addresses. */
function ownAddress(_: string, name: string, path: string): string {
  const from = path.indexOf('/v1/messages/batches/');
  return `${name}${from === -1 ? path : path.slice(from)}"`;
}
