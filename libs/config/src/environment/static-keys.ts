import type { StaticKey } from '../gateway-config.js';
import { nearest } from './edit-distance.js';
import type { Reading } from './reading.js';
import { listOf, providerKey } from './reading.js';

/** Where a static key without a prefix belongs, and what prefixes there are. */
export interface StaticKeyContext {
  readonly providerKinds: readonly string[];
  readonly defaultProvider: string;
}

/**
 * Reads `SIDE_POOL_KEYS`: `key1,key2` or `groq:gsk_a,openai:sk-b`, also mixed. Keeps the order, drops duplicates. Faults name
 * the entry by its number, since what stands before a colon may be part of a key.
 */
export function staticKeys(text: string, context: StaticKeyContext): Reading<readonly StaticKey[]> {
  const keys = new Map<string, StaticKey>();
  for (const [index, entry] of listOf(text).entries()) {
    const reading = staticKey(entry, context);
    if ('fault' in reading) return { fault: `entry ${index + 1} ${reading.fault}` };
    const { provider, key } = reading.value;
    keys.set(`${provider}:${key.reveal()}`, reading.value);
  }
  return keys.size > 0 ? { value: [...keys.values()] } : { fault: 'must hold at least one key' };
}

function staticKey(entry: string, { providerKinds, defaultProvider }: StaticKeyContext): Reading<StaticKey> {
  const colon = entry.indexOf(':');
  const prefix = entry.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  if (colon >= 0 && !providerKinds.includes(prefix)) return { fault: unknownProvider(prefix, providerKinds) };
  const key = providerKey(entry.slice(colon + 1).trim());
  if ('fault' in key) return key;
  return { value: { provider: colon >= 0 ? prefix : defaultProvider, key: key.value } };
}

/** Says that a provider kind is not known, and which are, without quoting it. */
export function unknownProvider(name: string, providerKinds: readonly string[]): string {
  const close = nearest(name, providerKinds, 2);
  const hint = close === null ? `known are ${providerKinds.join(', ')}` : `did you mean ${close}?`;
  return `names a provider that is not known; ${hint}`;
}
