/** A JSON object whose members are not known. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object: no array, no `null`. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member as an object; an empty one when it is something else or missing. */
export const recordAt = (value: unknown, key: string): JsonRecord => {
  const member = isRecord(value) ? value[key] : undefined;
  return isRecord(member) ? member : {};
};

/** The member as a list; an empty one when it is something else or missing. */
export const listAt = (value: unknown, key: string): readonly unknown[] => {
  const member = isRecord(value) ? value[key] : undefined;
  return Array.isArray(member) ? member : [];
};

/** Parses JSON; `undefined`, which JSON cannot say, when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The texts under a key of the objects in a list; what is no such text is left out. */
export const textsAt = (list: readonly unknown[], key: string): readonly string[] =>
  list.flatMap((item) => {
    const text = isRecord(item) ? item[key] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
