import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setMembers, setText } from './json-edit.js';

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

describe('setText', () => {
  it('does to the bytes what setMembers does', () => {
    const value = fc.oneof(
      fc.constantFrom('"model"', '"openai/é\\n"', '{"model":"a"}', '"\\u006dodel"'),
      fc.json(),
    );
    const named = fc.tuple(
      space,
      fc.constantFrom('"model"', '"\\u006dodel"', '"x"', '"models"'),
      space,
      space,
      value,
    );
    const bodies = fc
      .array(
        named.map(([before, key, mid, after, text]) => `${before}${key}${mid}:${after}${text}`),
        { maxLength: 4 },
      )
      .map((members) => `{${members.join(',')}}`);
    fc.assert(
      fc.property(bodies, (body) => {
        const json = Buffer.from(body);
        const { model: now } = JSON.parse(body) as Record<string, unknown>;
        const set = setText(json, 'model', now, 'gpt "é"').toString();
        expect(set).toBe(setMembers(json, { model: JSON.stringify('gpt "é"') }).toString());
      }),
      { numRuns: 1_000 },
    );
  });
});
