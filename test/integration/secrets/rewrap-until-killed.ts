import { EncryptionKeys } from '#secrets';
import type { NamedKey } from '#config';
import { Secret } from '#kernel';
import { startPool } from '../provider-account-pool/pool-process.js';

/**
 * Moves everything to the first of these keys, slowly enough to be killed meanwhile.
 *
 * @param keys `<id>:<base64 of 32 bytes>`
 */
export async function rewrapUntilKilled(url: string, ...keys: string[]): Promise<void> {
  const encryptionKeys = keys.map((text): NamedKey => {
    const [id = '', material = ''] = text.split(':');
    return { id, material: new Secret(material) };
  });
  const rewrapPace = { batchRows: 5, pauseMs: 20 };
  const app = await startPool({ url: new Secret(url), secrets: { encryptionKeys, rewrapPace } });
  await app.get(EncryptionKeys).rewrap(async () => undefined);
}
