import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '#kernel';
import { createLogger } from './pino-logger.js';

const canary = 'gsk_CANARY0123456789abcdefghijklmnopqrst';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let lines = '';
  write(createLogger({ level: 'info', destination: { write: (line) => (lines += line) } }));
  return lines;
}

describe('the logger', () => {
  it('writes one JSON line with level, time, message and fields', () => {
    const line = logged((logger) => logger.warn('cooled', { accountId: 'a', attempts: 2 }));
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      message: 'cooled',
      accountId: 'a',
      attempts: 2,
    });
  });

  it('writes nothing below its level', () => {
    expect(logged((logger) => logger.debug('quiet'))).toBe('');
  });

  it.each<[string, () => unknown]>([
    ['a text', () => canary],
    ['a Secret', () => new Secret(canary)],
    ['a Secret inside a list', () => [{ key: new Secret(canary) }]],
    ['an error message and stack', () => new Error(`refused ${canary}`)],
    ['the cause of an error', () => new Error('outer', { cause: new Error(canary) })],
    [
      'parameters that a driver hung on its error',
      () => Object.assign(new Error('x'), { parameters: [canary] }),
    ],
    ['a map', () => new Map([['k', canary]])],
    ['a field name', () => ({ [canary]: 1 })],
    ['bytes', () => Buffer.from(canary)],
    ['a header of no known form', () => ({ headers: { authorization: 'CANARY', 'x-api-key': 'CANARY' } })],
    ['a credential', () => ({ credential: { accessKey: 'CANARY' } })],
  ])('never shows a key in %s', (_where, value) => {
    const line = logged((logger) =>
      logger.error(`failed with ${canary}`, { value: value(), error: value() }),
    );
    expect(line).not.toContain('CANARY');
    expect(line).not.toContain(Buffer.from(canary).toString('base64').slice(0, 12));
  });

  it('writes a bounded line for anything it is given, and never throws', () => {
    const cyclic: Record<string, unknown> = { big: 1n, when: new Date(NaN) };
    cyclic.self = cyclic;
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        const line = logged((logger) => logger.info('x', { value, cyclic, hostile }));
        expect(JSON.parse(line)).toMatchObject({ message: 'x' });
        expect(line.length).toBeLessThan(1_000_000);
      }),
    );
  });

  it('does not let a field pose as the level or the message', () => {
    const line = logged((logger) => logger.info('true', { message: 'false', level: 'fatal' }));
    expect(JSON.parse(line)).toMatchObject({
      message: 'true',
      level: 'info',
      message_: 'false',
      level_: 'fatal',
    });
  });
});
