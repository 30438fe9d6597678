import { describe, expect, it } from '@jest/globals';
import type { UpstreamRequest } from '../contract/provider-adapter.js';
import { withoutSecrets } from './without-secrets.js';

const sentWith = (headers: Record<string, string>): UpstreamRequest => ({
  method: 'POST',
  origin: 'https://provider',
  path: '/',
  headers,
  body: null,
});
const told = (body: string | Buffer, headers = {}) => ({ headers, body: Buffer.from(body) });

describe('an answer that is handed on', () => {
  it.each([
    ['authorization', 'Bearer key-0123456789'],
    ['Authorization', 'key-0123456789'],
    ['x-api-key', 'key-0123456789'],
    ['x-goog-api-key', 'key-0123456789'],
  ])('does not hold the key that was sent as %s: %s', (name, value) => {
    const sent = sentWith({ [name]: value, accept: 'application/json' });
    const answer = told('twice: key-0123456789 key-0123456789.', {
      'x-echo': 'key-0123456789',
      'x-other': '1',
    });
    const { body, headers } = withoutSecrets(answer, sent);
    expect(body.toString()).toBe('twice: [redacted] [redacted].');
    expect(headers).toEqual({ 'x-other': '1' });
  });

  it('keeps every other byte, text or not', () => {
    const bytes = Buffer.from([0, 255, 254, 128, ...Buffer.from('key-0123456789 ü')]);
    const { body } = withoutSecrets(told(bytes), sentWith({ authorization: 'Bearer key-0123456789' }));
    expect(body).toEqual(Buffer.concat([bytes.subarray(0, 4), Buffer.from('[redacted] ü')]));
  });

  it('is left alone where it holds no key, or the key is too short to be one', () => {
    const answer = told('a b c');
    expect(withoutSecrets(answer, sentWith({ authorization: 'Bearer key-0123456789' })).body).toBe(
      answer.body,
    );
    expect(withoutSecrets(answer, sentWith({ authorization: 'Bearer b' })).body).toBe(answer.body);
    expect(withoutSecrets(answer, sentWith({})).body).toBe(answer.body);
  });
});
