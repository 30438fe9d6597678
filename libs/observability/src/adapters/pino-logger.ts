import type { Logger as Pino } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
import type { LogFields } from '../logger.js';
import { Logger } from '../logger.js';
import { redactText } from '../redaction/redact-text.js';
import { redactValue } from '../redaction/redact-value.js';

/** How much is logged, and where to. */
export interface LoggerOptions {
  /** The least severe level that is written. */
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Takes the lines, each with its line feed; default: standard output, written before the call returns. */
  readonly destination?: { write(line: string): void };
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Names the line itself uses; a field of that name gets an underscore. */
const ownNames = new Set(['level', 'time', 'message']);

/** JSON lines by pino: `level`, `time` (RFC 3339, UTC), `message`, then the fields; redacted throughout. */
export class PinoLogger extends Logger {
  readonly #pino: Pino;

  constructor({ level, destination }: LoggerOptions) {
    super();
    const options = {
      level,
      base: undefined,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    };
    this.#pino = destination === undefined ? pino(options) : pino(options, destination);
  }

  override debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  override info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  override warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  override error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  #write(level: Level, message: string, fields: LogFields = {}): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const entries = Object.entries(redactValue(fields) as LogFields);
    const named = entries.map(([name, value]) => [ownNames.has(name) ? `${name}_` : name, value]);
    this.#pino[level](Object.fromEntries(named), redactText(message));
  }
}

/** The default logger, for use before and outside of Nest's container. */
export const createLogger = (options: LoggerOptions): Logger => new PinoLogger(options);
