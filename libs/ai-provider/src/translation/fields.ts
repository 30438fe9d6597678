import { isRecord } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';
import { Untranslatable } from './untranslatable.js';

const wrongType = 'has a value of the wrong type';
const camel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The members of one object of a request. Each is taken by name; {@link Fields.end} then refuses what nobody took, so that
 * nothing is lost by being unknown. `null` counts as left out.
 */
export class Fields {
  readonly #values = new Map<string, unknown>();
  readonly #written = new Map<string, string>();

  /**
   * @param path of the object in the request; empty for the request itself
   * @param spelling `either`: `snake_case` is taken for `camelCase`, as Google's servers do
   */
  constructor(
    record: JsonRecord,
    private readonly path: string,
    private readonly spelling: 'exact' | 'either' = 'exact',
  ) {
    for (const written in record) {
      const value = record[written];
      if (value === null || value === undefined) continue;
      const name = spelling === 'either' ? camel(written) : written;
      this.#values.set(name, value);
      this.#written.set(name, written);
    }
  }

  /** Where a member stands in the request. */
  at(name: string): string {
    const written = this.#written.get(name) ?? name;
    return this.path === '' ? written : `${this.path}.${written}`;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** @returns `undefined` when it was left out */
  take(name: string): unknown {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  /** @throws Untranslatable when it is something else */
  number(name: string): number | null {
    return this.#typed(name, (value) => typeof value === 'number');
  }

  /** @throws Untranslatable when it is something else */
  text(name: string): string | null {
    return this.#typed(name, (value) => typeof value === 'string');
  }

  /** @throws Untranslatable when it is missing or something else */
  requiredText(name: string): string {
    return this.text(name) ?? this.#missing(name);
  }

  /** @throws Untranslatable when it is something else */
  flag(name: string): boolean | null {
    return this.#typed(name, (value) => typeof value === 'boolean');
  }

  /** @throws Untranslatable when it is something else */
  record(name: string): JsonRecord | null {
    return this.#typed(name, isRecord);
  }

  /** @throws Untranslatable when it is something else */
  texts(name: string): readonly string[] | null {
    const isTexts = (value: unknown) =>
      Array.isArray(value) && value.every((each) => typeof each === 'string');
    return this.#typed(name, isTexts);
  }

  /** @throws Untranslatable when it is something else */
  fields(name: string): Fields | null {
    const at = this.at(name);
    const record = this.record(name);
    return record === null ? null : new Fields(record, at, this.spelling);
  }

  /**
   * A list of objects, empty when it was left out.
   *
   * @throws Untranslatable when it is something else
   */
  each(name: string): readonly Fields[] {
    const at = this.at(name);
    const list = this.#typed<readonly unknown[]>(name, Array.isArray) ?? [];
    return list.map((item, index) => {
      if (!isRecord(item)) throw new Untranslatable(`${at}[${index}]`, wrongType);
      return new Fields(item, `${at}[${index}]`, this.spelling);
    });
  }

  /** Takes members that change no answer. */
  harmless(...names: readonly string[]): void {
    for (const name of names) this.#values.delete(name);
  }

  /** Takes a member that must be left out or have one of these values, compared as JSON. */
  only(name: string, ...values: readonly unknown[]): void {
    const at = this.at(name);
    const value = this.take(name);
    if (value === undefined) return;
    const text = JSON.stringify(value);
    if (!values.some((allowed) => JSON.stringify(allowed) === text)) throw new Untranslatable(at);
  }

  /** @throws Untranslatable naming the first member that nobody took */
  end(): void {
    for (const name of this.#values.keys()) throw new Untranslatable(this.at(name));
  }

  #typed<T>(name: string, isRight: (value: unknown) => boolean): T | null {
    const at = this.at(name);
    const value = this.take(name);
    if (value === undefined) return null;
    if (!isRight(value)) throw new Untranslatable(at, wrongType);
    return value as T;
  }

  #missing(name: string): never {
    throw new Untranslatable(this.at(name), 'is missing');
  }
}
