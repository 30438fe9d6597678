import { describe, expect, it } from '@jest/globals';
import { endpointOf } from './base-url.js';

describe('endpointOf', () => {
  it.each([
    ['https://api.openai.com/v1', 'https://api.openai.com', '/v1'],
    ['https://api.openai.com/v1/', 'https://api.openai.com', '/v1'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080', ''],
    ['http://[::1]:8080/a/b//', 'http://[::1]:8080', '/a/b'],
    ['https://host:443/x', 'https://host', '/x'],
  ])('takes %s apart', (url, origin, prefix) => {
    expect(endpointOf(url)).toEqual({ origin, prefix });
  });

  it.each([
    '',
    'api.openai.com',
    'ftp://host',
    'https://key@host/v1',
    'https://host/v1?key=1',
    'https://host/#a',
  ])('refuses %p', (url) => {
    expect(() => endpointOf(url)).toThrow(TypeError);
  });
});
