import { describe, expect, it } from '@jest/globals';
import { NestLogger } from './nest-logger.js';
import { createLogger } from './pino-logger.js';

function logged(write: (logger: NestLogger) => void): unknown[] {
  const lines: unknown[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  write(new NestLogger(createLogger({ level: 'info', destination })));
  return lines;
}

describe('what Nest logs', () => {
  it('about modules and routes is left out at info', () => {
    expect(logged((logger) => logger.log('Mapped {/x, GET} route', 'RouterExplorer'))).toEqual([]);
  });

  it('keeps its context', () => {
    const [line] = logged((logger) => logger.warn('careful', 'Injector'));
    expect(line).toMatchObject({ level: 'warn', message: 'careful', context: 'Injector' });
  });

  it('keeps stack or error, without keys', () => {
    const lines = logged((logger) => {
      logger.error('failed with gsk_CANARY0123456789', 'Error: gsk_CANARY0123456789\n    at x', 'Handler');
      logger.fatal(new Error('gsk_CANARY0123456789'));
    });
    expect(lines).toMatchObject([
      { context: 'Handler', stack: expect.stringContaining('at x') },
      { level: 'error' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('CANARY');
  });
});
