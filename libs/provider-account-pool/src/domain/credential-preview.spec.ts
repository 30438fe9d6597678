import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { credentialPreview } from './credential-preview.js';

const previewOf = (credential: unknown): string =>
  credentialPreview(new Secret(typeof credential === 'string' ? credential : JSON.stringify(credential)));

const email = 'gateway@acme-1.iam.gserviceaccount.com';
const awsSecret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe('the preview of a credential', () => {
  it.each<[string, unknown, string]>([
    ['a bare key', 'gsk_0123456789abcdef', '…cdef'],
    ['a short key', 'short', '…'],
    [
      'a service account with its key id',
      { client_email: email, private_key_id: `${'0f'.repeat(18)}beef`, private_key: 'CANARY' },
      `${email} …beef`,
    ],
    [
      'an AWS pair',
      { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: awsSecret },
      'AKIAIOSFODNN7EXAMPLE',
    ],
    ['JSON with an API key', { apiKey: 'bedrock-0123456789', region: 'eu-west-1' }, '…6789'],
    ['JSON with a short API key', { apiKey: 'short' }, '…'],
  ])('of %s tells it from others', (_what, credential, preview) => {
    expect(previewOf(credential)).toBe(preview);
  });

  it.each<[string, unknown]>([
    [
      'a secret where the id of an access key belongs',
      { accessKeyId: awsSecret, secretAccessKey: 'AKIAIOSFODNN7EXAMPLE' },
    ],
    ['a secret where an email belongs', { client_email: awsSecret, private_key: awsSecret }],
    [
      'members that are no text',
      { client_email: [email], accessKeyId: { AKIA: 1 }, apiKey: 12_345_678_901_234 },
    ],
    ['JSON of other members', { token: awsSecret }],
    ['broken JSON', `{"secretAccessKey":"${awsSecret}`],
    ['no members', {}],
  ])('shows nothing of %s', (_what, credential) => {
    expect(previewOf(credential)).toBe('…');
  });

  it('shows no key id of another form', () => {
    expect(previewOf({ client_email: email, private_key_id: awsSecret })).toBe(email);
  });
});
