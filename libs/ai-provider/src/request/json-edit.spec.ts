import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { removeMembers, setMembers, setText } from './json-edit.js';

const model = { model: '"x"' };
const set = (json: string) => setMembers(Buffer.from(json), model).toString();

/** JSON text of a value with white space strewn in and characters escaped at will. */
const space = fc.constantFrom('', ' ', '\n', '\t \r\n');
const escaped = (text: string) =>
  `"${[...JSON.stringify(text).slice(1, -1)].join('')}"`.replace(/^"m/, '"\\u006d');
const keyText = fc
  .oneof(fc.constant('model'), fc.string())
  .chain((key) => fc.constantFrom(JSON.stringify(key), escaped(key)));
const member = fc
  .tuple(space, keyText, space, space, fc.json(), space)
  .map(([before, key, mid, after, value, end]) => `${before}${key}${mid}:${after}${value}${end}`);
const objectText = fc
  .tuple(space, fc.array(member), space)
  .map(
    ([before, members, after]) =>
      `${before}{${members.join(',')}${members.length === 0 ? after : ''}}${after}`,
  );

describe('setMembers', () => {
  it('changes what JSON.parse sees of the named members and nothing else', () => {
    fc.assert(
      fc.property(objectText, (text) => {
        const before = JSON.parse(text) as Record<string, unknown>;
        const after = JSON.parse(set(text)) as Record<string, unknown>;
        expect(after['model']).toBe('x');
        delete before['model'];
        delete after['model'];
        expect(after).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves the bytes around the value as they are', () => {
    expect(set('{ "a": "\\u00e9 \\"model\\": 1", "model" : "old" , "n": {"model":"inner"} }')).toBe(
      '{ "a": "\\u00e9 \\"model\\": 1", "model" : "x" , "n": {"model":"inner"} }',
    );
  });

  it('sets every one of several members of the same name', () => {
    expect(set('{"model":"a","mod\\u0065l":{"deep":[1,"}"]}}')).toBe('{"model":"x","mod\\u0065l":"x"}');
  });

  it.each([
    ['{}', '{"model":"x"}'],
    [' { } ', ' {"model":"x" } '],
    ['{"a":1}', '{"model":"x","a":1}'],
  ])('puts a missing member in front: %s', (before, after) => {
    expect(set(before)).toBe(after);
  });
});

describe('removeMembers', () => {
  it('takes the named members out of what JSON.parse sees, and leaves the others in their order and bytes', () => {
    fc.assert(
      fc.property(objectText, fc.array(keyText), (text, more) => {
        const keys = ['model', ...more.map((key) => JSON.parse(key) as string)];
        const after = removeMembers(Buffer.from(text), keys).toString();
        const kept = Object.entries(JSON.parse(text) as object).filter(([key]) => !keys.includes(key));
        expect(JSON.stringify(JSON.parse(after))).toBe(JSON.stringify(Object.fromEntries(kept)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['{"model":"a"}', '{}'],
    ['{"model":"a","x":1.0 , "y":2}', '{"x":1.0 , "y":2}'],
    ['{"x":1.0, "model":"a" , "stream" : true, "y":2}', '{"x":1.0, "y":2}'],
    ['{"x":1,"stream":true,"model":{"stream":1}}', '{"x":1}'],
    ['{ "model":"a","stream":true }', '{  }'],
  ])('%s', (before, after) => {
    expect(removeMembers(Buffer.from(before), ['model', 'stream']).toString()).toBe(after);
  });

  it('hands back the same bytes where there is nothing to remove', () => {
    const json = Buffer.from('{"x":{"model":1}}');
    expect(removeMembers(json, ['model'])).toBe(json);
  });
});

describe('setText', () => {
  const value = fc.oneof(
    fc.constantFrom('"model"', '"openai/é\\n"', '"a"', '{"model":"a"}', '"\\u006dodel"'),
    fc.json(),
  );
  const named = fc
    .tuple(space, fc.constantFrom('"model"', '"\\u006dodel"', '"x"', '"models"'), space, space, value)
    .map(([before, key, mid, after, text]) => `${before}${key}${mid}:${after}${text}`);
  const bodies = fc.array(named, { maxLength: 4 }).map((members) => `{${members.join(',')}}`);
  const nowIn = (body: string): unknown => (JSON.parse(body) as Record<string, unknown>)['model'];
  const allSet = (body: string): string =>
    setMembers(Buffer.from(body), { model: JSON.stringify('gpt "é"') }).toString();

  it('does to the bytes what setMembers does, or to the first of several members with the same text', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const set = setText(Buffer.from(body), 'model', nowIn(body), 'gpt "é"').toString();
        // The rest, if any, is what came again.
        expect(allSet(set)).toBe(allSet(body));
        expect(JSON.parse(set)).toHaveProperty('model');
      }),
      { numRuns: 1_000 },
    );
  });

  it('sets every one of several members that differ', () => {
    const body = '{"model":"a","x":{"model":"b"},"model":"b"}';
    expect(setText(Buffer.from(body), 'model', 'b', 'c').toString()).toBe(
      '{"model":"c","x":{"model":"b"},"model":"c"}',
    );
  });

  it('leaves a nested member alone that is written before', () => {
    const body = '{"x":{"model":"b"},"\\u006dodel":"b"}';
    expect(setText(Buffer.from(body), 'model', 'b', 'c').toString()).toBe(
      '{"x":{"model":"b"},"\\u006dodel":"c"}',
    );
  });
});
