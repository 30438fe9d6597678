/** Structured log fields. Never put a key, a header or a body in here; values of class `Secret` print redacted. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. Port; the default adapter writes JSON lines with pino. */
export abstract class Logger {
  abstract debug(message: string, fields?: LogFields): void;
  abstract info(message: string, fields?: LogFields): void;
  abstract warn(message: string, fields?: LogFields): void;
  /** `fields.error` may be an Error: its stack is logged, redacted. */
  abstract error(message: string, fields?: LogFields): void;
}
