import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from './secret.js';

const canary = 'gsk_CANARY0123456789';
const secret = new Secret(canary);

describe('a secret', () => {
  it('gives its text to who asks for it by name', () => {
    expect(secret.reveal()).toBe(canary);
  });

  it.each<[string, () => string]>([
    ['a template', () => `${secret}`],
    ['a concatenation', () => 'key ' + String(secret)],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['inspect', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['an error message', () => new Error(`bad key ${secret}`).stack ?? ''],
    ['its own fields', () => JSON.stringify(Object.entries(secret)) + JSON.stringify({ ...secret })],
    ['a clone', () => inspect(structuredClone(secret))],
  ])('does not show in %s', (_where, write) => {
    expect(write()).not.toContain('CANARY');
  });

  it('never previews more than the last four of twelve characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const preview = new Secret(text).preview();
        expect(preview).toBe(text.length < 12 ? '…' : `…${text.slice(-4)}`);
      }),
    );
  });
});
