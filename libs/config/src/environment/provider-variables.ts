import type { StaticKey } from '../gateway-config.js';
import type { FaultList } from './fault-list.js';
import { baseUrl, providerKey } from './reading.js';
import { staticKeys, unknownProvider } from './static-keys.js';

/** These come first, so that the order of the others does not matter to whoever has one of them. */
const firstKinds = ['groq', 'openai', 'anthropic'];

const variable = (kind: string, suffix: string): string =>
  `${kind.toUpperCase().replaceAll('-', '_')}_${suffix}`;

/** `<PROVIDER>_API_KEY` of each known provider. */
export function readSingleKeys(list: FaultList, providerKinds: readonly string[]): StaticKey[] {
  const first = firstKinds.filter((kind) => providerKinds.includes(kind));
  const others = providerKinds.filter((kind) => !first.includes(kind));
  return [...first, ...others].flatMap((provider) => {
    const key = list.read(variable(provider, 'API_KEY'), providerKey);
    return key === null ? [] : [{ provider, key }];
  });
}

/** `<PROVIDER>_BASE_URL` of each known provider. */
export function readBaseUrls(list: FaultList, providerKinds: readonly string[]): Record<string, string> {
  const entries = providerKinds.flatMap((kind) => {
    const url = list.read(variable(kind, 'BASE_URL'), baseUrl);
    return url === null ? [] : [[kind, url] as const];
  });
  return Object.fromEntries(entries);
}

/** `SIDE_POOL_KEYS` with `SIDE_POOL_PROVIDER`. */
export function readStaticKeys(list: FaultList, providerKinds: readonly string[]): readonly StaticKey[] {
  const defaultProvider = list.value('SIDE_POOL_PROVIDER').toLowerCase();
  const isGiven = list.text('SIDE_POOL_PROVIDER') !== null;
  if (isGiven && !providerKinds.includes(defaultProvider)) {
    list.keep('SIDE_POOL_PROVIDER', { fault: unknownProvider(defaultProvider, providerKinds) });
  }
  return list.read('SIDE_POOL_KEYS', (text) => staticKeys(text, { providerKinds, defaultProvider })) ?? [];
}
