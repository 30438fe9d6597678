import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../logger.js';

/** Nest's own log lines in our log. What Nest calls `log` (each module and route at start) is `debug` to us. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), contextOf(rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), contextOf(rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(textOf(message), contextOf(rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(textOf(message), contextOf(rest));
  }

  /** Nest passes the stack, if any, before the context. */
  error(message: unknown, ...rest: unknown[]): void {
    const [stack] = rest.length > 1 ? rest : [];
    const error = message instanceof Error ? message : undefined;
    this.logger.error(textOf(message), { ...contextOf(rest), stack, error });
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

function contextOf(rest: readonly unknown[]): { context?: string } {
  const last = rest.at(-1);
  return typeof last === 'string' ? { context: last } : {};
}
