import { Secret } from '#kernel';
import type { NamedKey } from '../gateway-config.js';
import type { Reader, Reading } from './reading.js';
import { listOf } from './reading.js';

const keyBytes = 32;
const idPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** `<id>:<base64 of 32 bytes>[,<older>...]`. Faults name the entry by its number. */
export const namedKeys: Reader<readonly NamedKey[]> = (text) => {
  const keys: NamedKey[] = [];
  for (const [index, entry] of listOf(text).entries()) {
    const reading = namedKey(entry);
    if ('fault' in reading) return { fault: `entry ${index + 1} ${reading.fault}` };
    if (keys.some(({ id }) => id === reading.value.id)) {
      return { fault: `entry ${index + 1} has the id of an earlier entry` };
    }
    keys.push(reading.value);
  }
  return keys.length > 0 ? { value: keys } : { fault: 'must hold at least one <id>:<base64 of 32 bytes>' };
};

/** Ids of keys, divided by commas. */
export const keyIds: Reader<readonly string[]> = (text) => {
  const ids = listOf(text);
  return ids.length > 0 && ids.every((id) => idPattern.test(id))
    ? { value: ids }
    : { fault: 'must hold ids of letters, digits, ".", "_", "-", divided by commas' };
};

function namedKey(entry: string): Reading<NamedKey> {
  const colon = entry.indexOf(':');
  const [id, material] = [entry.slice(0, Math.max(colon, 0)), entry.slice(colon + 1)];
  if (!idPattern.test(id)) {
    return { fault: 'must be <id>:<base64 of 32 bytes> with an id of letters, digits, ".", "_", "-"' };
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(material) || Buffer.from(material, 'base64').length !== keyBytes) {
    return {
      fault: `must hold ${keyBytes} bytes in base64, as "openssl rand -base64 ${keyBytes}" prints them`,
    };
  }
  return { value: { id, material: new Secret(material) } };
}
