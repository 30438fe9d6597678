import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactText } from './redact-text.js';

const canaries = [
  'sk-proj-CANARY0123456789abcdefghij',
  'sk-ant-api03-CANARY_0123456789-abcdef',
  'gsk_CANARY0123456789abcdefghijklmnopqrst',
  'AIzaSyCANARY0123456789abcdefghijklmnopq',
  'pap_CANARY0123456789abcdefghijklmnopqrstuvwxyz',
  'xai-CANARY0123456789abcdefgh',
  'AKIACANARY0123456789',
  'hf_CANARY0123456789abcdef',
  'eyJhbGciOiJIUzI1NiJ9.eyJDQU5BUlkiOiJDQU5BUlkifQ.CANARYsignature',
];

describe('redactText', () => {
  it.each(canaries)('masks %s wherever it stands', (canary) => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'Incorrect API key provided: ', '{"key":"', 'x=', '(', '\n', 'Bearer '),
        fc.constantFrom('', '.', '"}', ')', ' and more', '\n    at main.js:1:2'),
        (before, after) => {
          const text = redactText(before + canary + after);
          expect(text).not.toContain('CANARY');
          expect(text).toContain('[redacted]');
        },
      ),
    );
  });

  it.each([
    ['Authorization: Bearer c4n4ry-of-no-known-form', 'c4n4ry'],
    ['{"x-api-key":"c4n4ryc4n4ry"}', 'c4n4ry'],
    ['GET https://host/v1beta/models?key=c4n4ryc4n4ry&alt=sse', 'c4n4ry'],
    ['postgres://user:c4n4ry@host:5432/db', 'c4n4ry'],
    ['password = "c4n4ryc4n4ry"', 'c4n4ry'],
  ])('masks what is announced as a secret in %p', (text, canary) => {
    expect(redactText(text)).not.toContain(canary);
  });

  it.each([
    'the task-management of risk-assessment goes on',
    'model gpt-4o-mini is not known, try claude-sonnet-4',
    'https://api.openai.com/v1/chat/completions answered 429',
    '0199f0a2-7c1e-7000-8000-000000000000 used 12 tokens',
    'the bearer of news',
  ])('leaves %p alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('keeps a bounded part of a text of any length, in linear time', () => {
    expect(redactText('a'.repeat(1_000_000)).length).toBeLessThan(10_000);
  });

  it('masks a second time without change', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...canaries), (text, canary) => {
        const once = redactText(`${text} ${canary}`);
        expect(redactText(once)).toBe(once);
      }),
    );
  });
});
