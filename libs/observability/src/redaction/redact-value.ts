import { types } from 'node:util';
import { Secret } from '#kernel';
import { redactText } from './redact-text.js';

const deepest = 6;
const mostEntries = 50;
const mostValues = 500;

/** Fields whose text is secret whatever it looks like. Numbers stay: a count of tokens is none. */
const secretField =
  /^(proxy-)?authorization$|api-?_?key$|^(set-)?cookie$|password|passphrase|secret|credential$|^(access|refresh|id)?_?token$/i;

/**
 * Copies a value for the log: keys masked, secrets and bytes replaced, cycles and excess cut off. Never throws.
 *
 * @returns something JSON can hold; at most 500 values, 6 levels, 50 entries per level
 */
export function redactValue(value: unknown): unknown {
  return new Walk().copy(value, 0);
}

class Walk {
  #valuesLeft = mostValues;

  copy(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
    if (depth >= deepest || this.#valuesLeft-- <= 0) return '[…]';
    try {
      return this.#object(value, depth);
    } catch {
      return '[unreadable]';
    }
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Secret) return value.toString();
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof URL) return redactText(value.href);
    if (types.isNativeError(value) || value instanceof Error) return this.#error(value, depth);
    if (types.isMap(value) || types.isSet(value)) return this.copy([...value], depth);
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((each) => this.copy(each, depth + 1));
    return this.#fields(Object.entries(value), depth);
  }

  #fields(entries: [string, unknown][], depth: number): Record<string, unknown> {
    const kept = entries.slice(0, mostEntries);
    return Object.fromEntries(
      kept.map(([name, value]) => [redactText(name), this.#field(name, value, depth)]),
    );
  }

  #field(name: string, value: unknown, depth: number): unknown {
    const hasText = typeof value === 'string' || (typeof value === 'object' && value !== null);
    return hasText && secretField.test(name) ? '[redacted]' : this.copy(value, depth + 1);
  }

  /** Only what every error has: drivers hang statements, parameters and requests on theirs. */
  #error({ name, message, stack, cause, ...rest }: Error, depth: number): Record<string, unknown> {
    const { code } = rest as { code?: unknown };
    return {
      name,
      message: redactText(message),
      ...(typeof code === 'string' ? { code: redactText(code) } : {}),
      ...(typeof stack === 'string' ? { stack: redactText(stack) } : {}),
      ...(cause === undefined ? {} : { cause: this.copy(cause, depth + 1) }),
    };
  }
}
