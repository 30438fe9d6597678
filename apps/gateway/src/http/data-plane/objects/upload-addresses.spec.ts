import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { asId, Secret } from '#kernel';
import { KeyPeppers, SealedTokens } from '#secrets';
import { findObject } from './object-routes.js';
import { UploadAddresses } from './upload-addresses.js';

let nowMs = 1_000;
const material = new Secret(Buffer.alloc(32, 7).toString('base64'));
const replica = () =>
  new UploadAddresses(new SealedTokens(KeyPeppers.of([{ id: 'k', material }])), { nowMs: () => nowMs });
const session = { owner: asId<'ApiKey'>('key-1'), accountId: asId<'Account'>('account-1') };
const google =
  'https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=secret&upload_protocol=resumable';
const reached = (headers: Record<string, string>): IncomingMessage =>
  ({ headers, socket: {} }) as unknown as IncomingMessage;
const give = (told = google, headers: Record<string, string> = { host: 'gw.test:8080' }) =>
  replica().give(told, session, reached(headers));
const read = (address: string) => {
  const { pathname, search } = new URL(address);
  const found = findObject('POST', pathname + search, {});
  return found === null ? null : replica().read(found);
};

describe('addresses of uploads', () => {
  it('hold whose an upload is, where it lies and how its provider knows it, to be read by any replica alone', () => {
    const address = give();
    expect(address).not.toContain('secret');
    expect(read(address)).toEqual({ ...session, query: '?upload_id=secret&upload_protocol=resumable' });
  });

  it('are good for a day', () => {
    const address = give();
    nowMs += 86_399_999;
    expect(read(address)).not.toBeNull();
    nowMs += 1;
    expect(read(address)).toBeNull();
  });

  it.each([
    ['gw.test', {}, 'http://gw.test'],
    ['[::1]:80', {}, 'http://[::1]:80'],
    ['inner', { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'outer' }, 'https://outer'],
    ['inner', { 'x-forwarded-proto': 'javascript' }, 'http://inner'],
  ])('begin as the client has reached us: %s %j', (host, headers, origin) => {
    const address = give(google, { host, ...(headers as Record<string, string>) });
    expect(address.startsWith(`${origin}/upload/v1beta/files?upload_id=`)).toBe(true);
  });

  it.each([{}, { host: 'a b' }, { host: 'a@b' }, { host: 'x', 'x-forwarded-host': 'a/b' }])(
    'are not given to who names no host: %j',
    (headers) => {
      expect(() => give(google, headers as Record<string, string>)).toThrow(
        expect.objectContaining({ code: 'invalid_request' }),
      );
    },
  );

  it.each(['undefined', 'https://host.test/elsewhere?upload_id=x', `${google}${'x'.repeat(3_000)}`])(
    'are not made of what is none: %.60s',
    (told) => {
      expect(() => give(told)).toThrow(expect.objectContaining({ code: 'upstream_failed' }));
    },
  );

  it('are read of uploads alone', () => {
    const { search } = new URL(give());
    expect(read(`http://x/v1beta/files${search}`)).toBeNull();
    expect(read('http://x/upload/v1beta/files?upload_id=k.AAAA')).toBeNull();
    expect(read('http://x/upload/v1beta/files')).toBeNull();
  });
});
