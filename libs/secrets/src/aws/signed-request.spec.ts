import { describe, expect, it } from '@jest/globals';
import { AwsV4Signer } from 'aws4fetch';
import fc from 'fast-check';
import { Secret } from '#kernel';
import { signedRequest as signed, type SignableRequest } from './signed-request.js';

// The key, the moment and the signatures of AWS's own test suite for Signature Version 4 (aws-sig-v4-test-suite).
const accessKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'),
  sessionToken: null,
};
const nowMs = Date.parse('2015-08-30T12:36:00Z');
const scope = { region: 'us-east-1', service: 'service' };
const aRequest = (changes: Partial<SignableRequest> = {}): SignableRequest => ({
  method: 'GET',
  origin: 'https://example.amazonaws.com',
  path: '/',
  headers: {},
  body: null,
  ...changes,
});
const form = 'application/x-www-form-urlencoded';
const signatureOf = ({ headers }: SignableRequest) =>
  /Signature=(\w+)$/.exec(headers['authorization'] ?? '')?.[1];

describe('a signature of version 4', () => {
  it.each<[string, Partial<SignableRequest>, string]>([
    ['get-vanilla', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      { path: '/?Param2=value2&Param1=value1' },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', { method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-x-www-form-urlencoded',
      { method: 'POST', headers: { 'content-type': form }, body: Buffer.from('Param1=value1') },
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('is the one AWS publishes: %s', (_, changes, expected) => {
    expect(signatureOf(signed(aRequest(changes), accessKey, scope, nowMs))).toBe(expected);
  });

  it('names what it covers, and leaves out what a proxy may change', () => {
    const headers = { 'accept-encoding': 'identity', 'content-type': 'application/json' };
    const request = signed(aRequest({ method: 'POST', headers }), accessKey, scope, nowMs);
    expect(request.headers).toMatchObject({ ...headers, 'x-amz-date': '20150830T123600Z' });
    expect(request.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=\w{64}$/,
    );
  });

  it('covers the session token of a temporary key', () => {
    const temporary = { ...accessKey, sessionToken: new Secret('token-1') };
    const { headers } = signed(aRequest(), temporary, scope, nowMs);
    expect(headers['x-amz-security-token']).toBe('token-1');
    expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
  });

  it('changes with the day, the region and the key, although a day key is kept', () => {
    const variants = [
      signed(aRequest(), accessKey, scope, nowMs),
      signed(aRequest(), accessKey, scope, nowMs + 86_400_000),
      signed(aRequest(), accessKey, { ...scope, region: 'eu-west-1' }, nowMs),
      signed(aRequest(), { ...accessKey, secretAccessKey: new Secret('another') }, scope, nowMs),
    ];
    expect(new Set(variants.map(signatureOf)).size).toBe(4);
    expect(signatureOf(signed(aRequest(), accessKey, scope, nowMs))).toBe(
      signatureOf(variants[0] ?? aRequest()),
    );
  });

  it('agrees with an independent signer on every path, query and body', async () => {
    const segment = fc.string({ unit: 'binary', minLength: 1 }).map(encodeURIComponent);
    const query = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string());
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 4 }).filter((parts) => !parts.some((part) => /^\.+$/.test(part))),
        query,
        fc.uint8Array(),
        async (parts, parameters, bytes) => {
          const text = new URLSearchParams(parameters).toString();
          const path = `/${parts.join('/')}${text === '' ? '' : `?${text}`}`;
          const body = Buffer.from(bytes);
          const headers = { 'content-type': 'application/json' };
          const request = aRequest({ method: 'POST', path, headers, body });
          const other = new AwsV4Signer({
            method: 'POST',
            url: request.origin + path,
            headers,
            body: bytes,
            accessKeyId: accessKey.accessKeyId,
            secretAccessKey: accessKey.secretAccessKey.reveal(),
            ...scope,
            datetime: '20150830T123600Z',
            allHeaders: true,
          });
          const ours = signed(request, accessKey, scope, nowMs).headers['authorization'];
          expect(ours).toBe(await other.authHeader());
        },
      ),
      { numRuns: 200 },
    );
  });
});
