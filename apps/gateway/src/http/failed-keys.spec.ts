import { describe, expect, it } from '@jest/globals';
import { readIpAddress } from '#api-keys';
import { DomainError } from '#kernel';
import { FailedKeys } from './failed-keys.js';

let nowMs = 0;
const at = (text: string) => readIpAddress(text);

function refusalOf(attempt: () => void): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return `${error.code} ${error.details.retryAfterSeconds}`;
  }
}

describe('wrong keys of one address', () => {
  const fail = (keys: FailedKeys, text: string, times: number): (string | null)[] =>
    Array.from({ length: times }, () => refusalOf(() => keys.note(at(text))));

  it('are answered 429 past the bound, until a minute after the first', () => {
    const keys = new FailedKeys({ nowMs: () => nowMs });
    expect(fail(keys, '203.0.113.1', 150)).toEqual(Array.from({ length: 150 }, () => null));
    nowMs += 20_000;
    expect(fail(keys, '203.0.113.1', 1)).toEqual(['rate_limit_exceeded 40']);
    expect(refusalOf(() => keys.refuseBlocked(at('203.0.113.1')))).toBe('rate_limit_exceeded 40');
    expect(refusalOf(() => keys.refuseBlocked(at('203.0.113.2')))).toBeNull();
    nowMs += 40_000;
    expect(refusalOf(() => keys.refuseBlocked(at('203.0.113.1')))).toBeNull();
    expect(fail(keys, '203.0.113.1', 1)).toEqual([null]);
  });

  it('count for the network of an IPv6 address, and for all that cannot be told together', () => {
    const keys = new FailedKeys({ nowMs: () => nowMs });
    for (let host = 1; host <= 151; host += 1) fail(keys, `2001:db8:0:1::${host.toString(16)}`, 1);
    expect(refusalOf(() => keys.refuseBlocked(at('2001:db8:0:1:ffff::')))).toMatch(/^rate_limit/);
    expect(refusalOf(() => keys.refuseBlocked(at('2001:db8:0:2::1')))).toBeNull();
    fail(keys, 'nonsense', 151);
    expect(refusalOf(() => keys.refuseBlocked(null))).toMatch(/^rate_limit/);
  });

  it('take up bounded memory, however many addresses there are', () => {
    const keys = new FailedKeys({ nowMs: () => nowMs });
    fail(keys, '203.0.113.1', 151);
    for (let host = 0; host < 10_000; host += 1) fail(keys, `10.0.${host >> 8}.${host & 255}`, 1);
    expect(refusalOf(() => keys.refuseBlocked(at('203.0.113.1')))).toBeNull();
    expect(keys.size).toBe(10_000);
  });
});
