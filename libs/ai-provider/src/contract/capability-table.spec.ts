import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ProviderRegistry } from '../provider-registry.js';
import type { KeyRotation, ProviderAdapter } from './provider-adapter.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const registry = new ProviderRegistry();

const rotationWord = (rotation: KeyRotation | null): string => {
  if (rotation === null) return 'none';
  const parts = [rotation.mint === null ? null : `mint (${rotation.mint})`, 'revoke', 'list'];
  const slots = rotation.slotLimit === null ? null : `at most ${rotation.slotLimit}`;
  return [...parts, slots].filter((part) => part !== null).join(', ');
};

/** What the README says of a kind. */
function rowOf({ kind, wireFormats, capabilities }: ProviderAdapter): string {
  const { limitHeaders, promptCache, answerHold, probe, rotation } = capabilities;
  const cells = [
    `\`${kind}\``,
    wireFormats.join(', '),
    limitHeaders ? 'yes' : 'no',
    probe,
    promptCache === null ? 'none' : `${promptCache.ttlMs / 60_000} min`,
    answerHold === null ? 'no' : 'yes',
    rotationWord(rotation),
  ];
  return `| ${cells.join(' | ')} |`;
}

describe('the table of kinds in the README', () => {
  const lines = readme.split('\n').map((line) => line.replace(/ +/g, ' '));

  it.each(registry.kinds)('is true of %s', (kind) => {
    const adapter = registry.get(kind);
    expect(lines).toContain(adapter === null ? '' : rowOf(adapter));
  });
});
