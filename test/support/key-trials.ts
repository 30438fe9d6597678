import type { GatewayPair } from './gateway-pair.js';

/** A system key that both replicas know. */
export interface SharedKey {
  readonly id: string;
  readonly secret: string;
}

/** Makes a key by one replica and waits until the other takes it. */
export async function makeKey(pair: GatewayPair): Promise<SharedKey> {
  const { id, secret } = await pair.admin('POST', '/api-keys', { name: 'shared', scopes: ['call'] });
  const key = { id: String(id), secret: String(secret) };
  while ((await statusOf(pair, key)) !== 200);
  return key;
}

/** How long the other replica still takes a key, counted from when one was asked to refuse it, ms. */
export async function msUntilRefused(pair: GatewayPair, verb: string): Promise<number> {
  const key = await makeKey(pair);
  const startMs = performance.now();
  await pair.admin('POST', `/api-keys/${key.id}/${verb}`);
  while ((await statusOf(pair, key)) === 200);
  return performance.now() - startMs;
}

async function statusOf({ other }: GatewayPair, { secret }: SharedKey): Promise<number> {
  const response = await fetch(`${other.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
  await response.arrayBuffer();
  return response.status;
}
