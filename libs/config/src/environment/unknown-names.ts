import type { ConfigurationFault } from '../config.errors.js';
import { nearest } from './edit-distance.js';
import { settings } from './settings.js';

const ownNames: readonly string[] = Object.keys(settings);
const ownPrefixes = /^(SIDE_POOL|UPSTREAM|PRIVATE_UPSTREAM|TRUSTED|GLOBAL_IP)_/;
/** `<PROVIDER>_API_KEY` of a provider we do not know belongs to another program. */
const foreign = /_(API_KEY|BASE_URL)$|_SERVICE_(HOST|PORT)|_PORT(_\d+_(TCP|UDP).*)?$/;

/**
 * Finds misspelt names of ours. The environment belongs to the whole machine, so a name is only a fault when it begins like
 * one of ours, or is so long and so close to one that chance is no explanation.
 */
export function unknownNames(names: readonly string[]): ConfigurationFault[] {
  return names.flatMap((name) => {
    if (ownNames.includes(name)) return [];
    const upper = name.toUpperCase();
    const close = closest(upper);
    if (close !== null) return [{ name, message: `is not known; did you mean ${close}?` }];
    const looksOurs = ownPrefixes.test(upper) && !foreign.test(upper);
    return looksOurs ? [{ name, message: 'is not known' }] : [];
  });
}

function closest(name: string): string | null {
  const long = ownNames.filter((own) => own.length >= 12);
  const middling = ownNames.filter((own) => own.length >= 8);
  return nearest(name, long, 2) ?? nearest(name, middling, 1);
}
