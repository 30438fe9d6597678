import type { NamedKey } from '#config';
import { Secret } from '#kernel';
import { startPool } from './pool-process.js';

const named = (text = ''): NamedKey[] => {
  const [id = '', material = ''] = text.split(':');
  return [{ id, material: new Secret(material) }];
};

/**
 * Starts a process that at once begins to fingerprint what has no fingerprint yet.
 *
 * @param encryptionKey `<id>:<base64 of 32 bytes>`
 */
export async function fingerprintUntilKilled(
  url: string,
  encryptionKey: string,
  pepper: string,
): Promise<void> {
  await startPool({
    url: new Secret(url),
    secrets: { encryptionKeys: named(encryptionKey), keyPeppers: named(pepper) },
  });
}
