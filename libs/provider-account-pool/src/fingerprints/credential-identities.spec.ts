import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { pastedIdentities, storedIdentities } from './credential-identities.js';

const stored = (text: string) => storedIdentities(new Secret(text));
const pasted = (text: string) => pastedIdentities(new Secret(text));
const meet = (kept: string, found: string): boolean =>
  pasted(found).some((text) => stored(kept).includes(text));

const pem = '-----BEGIN PRIVATE KEY-----\nMIIabc\nDEF\n-----END PRIVATE KEY-----\n';
const google = JSON.stringify({ type: 'service_account', private_key: pem, location: 'europe-west1' });
const aws = JSON.stringify({
  accessKeyId: 'AKIAEXAMPLE0000',
  secretAccessKey: 'w/Jalr+XUtn',
  region: 'eu-west-1',
});

describe('a credential is recognised', () => {
  it('by its text, whatever white space came along', () => {
    expect(stored('sk-abc')).toEqual(['sk-abc']);
    expect(meet('sk-abc', ' sk-abc\r\n')).toBe(true);
    expect(meet('sk-abc', 'sk-abcd')).toBe(false);
  });

  it.each([
    [
      'with its members in another order, spread over lines',
      JSON.stringify({ location: 'europe-west1', ...JSON.parse(google) }, null, 2),
    ],
    ['without members of ours', JSON.stringify({ type: 'service_account', private_key: pem })],
    ['as the private key alone', pem],
    ['as the private key in one line', pem.replaceAll('\n', String.raw`\n`)],
  ])('as a service account %s', (_how, found) => expect(meet(google, found)).toBe(true));

  it.each([
    ['as the secret access key alone', 'w/Jalr+XUtn'],
    ['as the answer that AWS gave once', '{"AccessKey":{"SecretAccessKey":"w/Jalr+XUtn","Status":"Active"}}'],
  ])('as a pair of AWS %s', (_how, found) => expect(meet(aws, found)).toBe(true));

  it('by nothing that many have in common', () => {
    for (const found of [
      'europe-west1',
      'service_account',
      'eu-west-1',
      'AKIAEXAMPLE0000',
      '{"region":"eu-west-1"}',
    ]) {
      expect(meet(google, found) || meet(aws, found)).toBe(false);
    }
  });
});

describe('pasted text', () => {
  it('is looked for as it is when it is no JSON after all', () => {
    expect(pasted('{"private_key": "half')).toEqual(['{"private_key":"half']);
  });

  it('is looked into up to a bound, however deep and broad it is', () => {
    const deep = `${'{"a":'.repeat(3_000)}"x"${'}'.repeat(3_000)}`;
    expect(pasted(deep)).toHaveLength(2);
    expect(pasted(JSON.stringify({ all: Array.from({ length: 5_000 }, String) }))).toHaveLength(65);
  });
});
