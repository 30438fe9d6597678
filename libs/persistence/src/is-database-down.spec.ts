import { describe, expect, it } from '@jest/globals';
import { isDatabaseDown } from './is-database-down.js';

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('isDatabaseDown', () => {
  it.each<[string, unknown]>([
    ['a refused connection', withCode('ECONNREFUSED')],
    ['one refused connection per address', new AggregateError([withCode('ECONNREFUSED')], '')],
    ['a server that shuts down', withCode('57P01')],
    ['a server that starts up', withCode('57P03')],
    ['too many connections', withCode('53300')],
    ['a statement that took too long', withCode('57014')],
    [
      'a driver error inside a TypeORM error',
      Object.assign(new Error('x'), { driverError: withCode('08006') }),
    ],
    ['a cause', new Error('x', { cause: withCode('ECONNRESET') })],
    ['a cut connection', new Error('Connection terminated unexpectedly')],
    ['no free connection in time', new Error('timeout exceeded when trying to connect')],
    ['no answer in time', new Error('Query read timeout')],
  ])('is true for %s', (_what, error) => expect(isDatabaseDown(error)).toBe(true));

  it.each<[string, unknown]>([
    ['a violated constraint', withCode('23505')],
    ['a wrong statement', withCode('42601')],
    ['a deadlock, which is worth another try', withCode('40P01')],
    ['an error of ours', new TypeError('x is not a function')],
    ['what is no error', 'ECONNREFUSED'],
    ['nothing', undefined],
  ])('is false for %s', (_what, error) => expect(isDatabaseDown(error)).toBe(false));

  it('ends on an error that is its own cause', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isDatabaseDown(error)).toBe(false);
  });
});
