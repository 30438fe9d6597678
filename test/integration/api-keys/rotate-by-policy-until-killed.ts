import type { NamedKey } from '#config';
import { Secret } from '#kernel';
import { GuardedWebhookSender } from '../../../apps/gateway/src/guarded-webhook-sender.js';
import { RotationRunner } from '../../../libs/api-keys/src/rotation/rotation-runner.js';
import { startProcess } from './api-keys-process.js';

/**
 * Does all that is to do for rotations by policy at a time, and would go on serving.
 *
 * @param nowMs ms since the epoch
 * @param keys encryption key and pepper, each `<id>:<base64 of 32 bytes>`
 */
export async function rotateByPolicyUntilKilled(
  url: string,
  nowMs: string,
  ...keys: string[]
): Promise<void> {
  const [encryptionKeys, keyPeppers] = keys.map((text): NamedKey[] => {
    const [id = '', material = ''] = text.split(':');
    return [{ id, material: new Secret(material) }];
  });
  const app = await startProcess({
    url: new Secret(url),
    clock: { nowMs: () => Number(nowMs) },
    webhooks: new GuardedWebhookSender(),
    ...(encryptionKeys && { encryptionKeys }),
    ...(keyPeppers && { keyPeppers }),
  });
  await app.get(RotationRunner).tick();
}
