import { describe, expect, it } from '@jest/globals';
import { composeOutput } from './compose-output.js';

describe('an output', () => {
  it('is as long as wanted, or cut where the request says', () => {
    expect(composeOutput(3, undefined, undefined)).toMatchObject({ text: 'The quick brown ', isCut: false });
    expect(composeOutput(3, 3, undefined)).toMatchObject({ pieces: { length: 3 }, isCut: false });
    expect(composeOutput(3, 2, undefined)).toMatchObject({ text: 'The quick ', isCut: true });
  });

  it('of a required tool fits its schema, in pieces that make the whole', () => {
    const parameters = {
      type: 'object',
      properties: {
        city: { type: 'string' },
        unit: { enum: ['C', 'F'] },
        days: { type: 'INTEGER' },
        exact: { type: 'boolean' },
        tags: { type: 'array' },
        place: { type: 'object', properties: { lat: { type: 'number' } } },
      },
    };
    const { text, pieces, toolName } = composeOutput(5, 1, { name: 'weather', parameters });
    expect(JSON.parse(text)).toEqual({
      city: 'text',
      unit: 'C',
      days: 1,
      exact: true,
      tags: [],
      place: { lat: 1 },
    });
    expect([toolName, pieces.join('')]).toEqual(['weather', text]);
  });

  it('of a structured answer is JSON that fits its schema, never cut', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    expect(composeOutput(5, 1, undefined, schema)).toMatchObject({
      kind: 'text',
      text: '{"city":"text"}',
      isCut: false,
    });
    expect(composeOutput(5, 1, undefined, {}).text).toBe('{}');
  });
});
