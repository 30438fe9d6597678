const redacted = '[redacted]';

/**
 * A text that must never be shown: a provider key, a pepper. Printing, logging, interpolating or serialising it
 * yields `[redacted]`; only {@link Secret.reveal} gives the text, so that every use can be found by name.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Call it as late as possible and keep the result in no field. */
  reveal(): string {
    return this.#text;
  }

  /**
   * What people may see to tell keys apart: the last four characters behind an ellipsis.
   *
   * @returns `…abcd`, or `…` alone for a secret shorter than twelve characters
   */
  preview(): string {
    return this.#text.length < 12 ? '…' : `…${this.#text.slice(-4)}`;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  /** What `util.inspect` and so `console.log` print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted;
  }
}
