import { describe, expect, it } from '@jest/globals';
import { readCount, readJsonObject, requireText } from './read-json.js';

const read = (text: string | Buffer, type = 'application/json'): object =>
  readJsonObject(Buffer.from(text), type);
const fault = (code: string) => expect.objectContaining({ code });

describe('readJsonObject', () => {
  it('reads an object, whatever parameters the content type has', () => {
    expect(read('{"a":1}', 'application/json; charset=utf-8')).toEqual({ a: 1 });
    expect(read('{}', 'application/vnd.api+json')).toEqual({});
  });

  it.each(['', '{', 'null', '[]', '"text"', '7', '{"a":1}}', '\ufeff{}'])('refuses %p', (text) => {
    expect(() => read(text)).toThrow(fault('invalid_request'));
  });

  it('refuses bytes that are not UTF-8 instead of replacing them', () => {
    expect(() => read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(
      fault('invalid_request'),
    );
  });

  it.each(['text/plain', '', 'multipart/form-data; boundary=x', 'application/jsonp'])(
    'refuses the type %p',
    (type) => {
      expect(() => read('{}', type)).toThrow(fault('unsupported_media_type'));
    },
  );
});

describe('fields', () => {
  it('names the field that is missing or of the wrong kind', () => {
    expect(() => requireText({}, 'model')).toThrow("'model' is required.");
    expect(() => requireText({ model: 7 }, 'model')).toThrow("'model' must be a text that is not empty.");
  });

  it.each([
    [10, 10],
    [0, null],
    [-1, null],
    ['5', null],
    [null, null],
  ])('reads the count %p as %p', (value, count) => {
    expect(readCount({ n: value }, 'n')).toBe(count);
  });
});
