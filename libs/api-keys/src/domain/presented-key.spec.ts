import { describe, expect, it } from '@jest/globals';
import { extractPresentedKey } from './presented-key.js';

const presented = (key: string) => ({ kind: 'presented', key });

describe('the key of a request', () => {
  it.each([
    ['authorization', 'Bearer k1'],
    ['authorization', 'bearer   k1 '],
    ['authorization', 'BEARER \tk1'],
    ['x-api-key', 'k1'],
    ['x-goog-api-key', ' k1 '],
  ])('is taken from %s: %p', (name, value) => {
    expect(extractPresentedKey({ [name]: value })).toEqual(presented('k1'));
  });

  it.each([
    {},
    { authorization: 'Basic dTpw' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer  ' },
    { 'x-api-key': '' },
    { 'x-api-key': undefined },
    { 'x-api-key': [] },
    { authorization: 'Bearerk1' },
    { authorization: 'Bearer\tk1' },
    { authorization: ' Bearer k1' },
  ])('is missing in %j', (headers) => {
    expect(extractPresentedKey(headers)).toEqual({ kind: 'missing' });
  });

  it('may stand in several headers when it is the same', () => {
    expect(extractPresentedKey({ authorization: 'Bearer k1', 'x-api-key': 'k1' })).toEqual(presented('k1'));
  });

  it('is ambiguous when two headers, or two copies of one, differ', () => {
    expect(extractPresentedKey({ authorization: 'Bearer k1', 'x-api-key': 'k2' }).kind).toBe('ambiguous');
    expect(extractPresentedKey({ 'x-api-key': ['k1', 'k2'] }).kind).toBe('ambiguous');
  });

  it('stays ambiguous whatever comes third', () => {
    const headers = { authorization: 'Bearer k1', 'x-api-key': 'k2', 'x-goog-api-key': 'k1' };
    expect(extractPresentedKey(headers).kind).toBe('ambiguous');
  });

  it('is found beside another scheme of authorization', () => {
    expect(extractPresentedKey({ authorization: 'Basic dTpw', 'x-api-key': 'k1' })).toEqual(presented('k1'));
  });
});
