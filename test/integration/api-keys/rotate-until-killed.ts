import { RotationService } from '#api-keys';
import type { NamedKey } from '#config';
import { Secret } from '#kernel';
import { root, startProcess } from './api-keys-process.js';

/**
 * Rotates a key, says so, and waits to be killed.
 *
 * @param pepper base64 of the pepper `pepper`
 */
export async function rotateUntilKilled(url: string, pepper: string, apiKeyId: string): Promise<void> {
  const keyPeppers: NamedKey[] = [{ id: 'pepper', material: new Secret(pepper) }];
  const app = await startProcess({ url: new Secret(url), keyPeppers });
  const draft = { graceSeconds: 60, idempotencyKey: 'one' };
  await app.get(RotationService).rotate(apiKeyId, draft, root);
  process.stdout.write('rotated\n');
}
