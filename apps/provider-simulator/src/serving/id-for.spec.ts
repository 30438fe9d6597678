import { describe, expect, it } from '@jest/globals';
import { idFor } from './id-for.js';

const of = (value: unknown) => idFor('from_request', Buffer.from(JSON.stringify(value)));

describe('an id from the request', () => {
  it('is the same for the same request, whatever the model is called and whoever asks for usage', () => {
    const id = of({ model: 'a', prompt: 'x' });
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(of({ model: 'b', prompt: 'x', stream_options: { include_usage: true } })).toBe(id);
    expect(of({ model: 'a', prompt: 'y' })).not.toBe(id);
  });

  it.each([undefined, Buffer.alloc(0), Buffer.from('{"a'), Buffer.from('null'), Buffer.from('--x')])(
    'is there for what is no JSON: %p',
    (body) => expect(idFor('from_request', body)).toMatch(/^[0-9a-f]{16}$/),
  );
});

describe('a counted id', () => {
  it('is new for each call', () => {
    const body = Buffer.from('{}');
    expect(idFor(undefined, body)).not.toBe(idFor('counted', body));
  });
});
