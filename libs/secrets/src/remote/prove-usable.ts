import { randomBytes } from 'node:crypto';
import { type KeyEncryptionKeys, KeysUnreachable } from '../key-encryption-keys.js';

/**
 * Finds out at start whether the primary key wraps and unwraps, rather than when the first secret is written.
 *
 * @throws KeysUnreachable saying what is in the way
 */
export async function proveUsable<Keys extends KeyEncryptionKeys>(keys: Keys): Promise<Keys> {
  const dataKey = randomBytes(32);
  const binding = Buffer.from('start');
  const unwrapped = await keys.unwrap(await keys.wrap(dataKey, binding), binding);
  if (typeof unwrapped === 'string' || !unwrapped.equals(dataKey)) {
    throw new KeysUnreachable(`key "${keys.primaryId}" does not give back what it wrapped`, 'key_unusable');
  }
  return keys;
}
