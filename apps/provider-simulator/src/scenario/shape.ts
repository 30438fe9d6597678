/** Looks at a value and names each fault found, by its path. An empty list means that it fits. */
export type Shape = (value: unknown, path: string) => readonly string[];

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
const refuse = (path: string, wanted: string, value: unknown) => [
  `${path}: wanted ${wanted}, got ${shown(value)}`,
];

/** Whether the value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty. */
export const text: Shape = (value, path) =>
  typeof value === 'string' && value !== '' ? [] : refuse(path, 'a text', value);

/** A finite number from `min` to `max`, both included. */
export function number(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path) =>
    typeof value === 'number' && value >= min && value <= max
      ? []
      : refuse(path, `a number from ${min} to ${max}`, value);
}

/** One of the texts given. */
export function oneOf(...words: readonly string[]): Shape {
  return (value, path) =>
    words.some((word) => word === value) ? [] : refuse(path, `one of ${words.join(', ')}`, value);
}

/** An array of one shape. */
export function listOf(item: Shape): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((entry: unknown, index) => item(entry, `${path}[${index}]`))
      : refuse(path, 'a list', value);
}

/** An object with free names and one shape of values. */
export function mapOf(item: Shape): Shape {
  return (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, entry]) => item(entry, `${path}.${name}`))
      : refuse(path, 'an object', value);
}

/** Either shape; the faults of the second are told. */
export function either(first: Shape, second: Shape): Shape {
  return (value, path) => (first(value, path).length === 0 ? [] : second(value, path));
}

/** An object with these fields and no others; absent optional fields fit. */
export function record(required: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape {
  return (value, path) => {
    if (!isObject(value)) return refuse(path, 'an object', value);
    const unknown = Object.keys(value).filter((name) => !(name in required) && !(name in optional));
    return [
      ...unknown.map((name) => `${path}.${name}: no such field`),
      ...Object.entries(required).flatMap(([name, shape]) => shape(value[name], `${path}.${name}`)),
      ...Object.entries(optional).flatMap(([name, shape]) =>
        value[name] === undefined ? [] : shape(value[name], `${path}.${name}`),
      ),
    ];
  };
}

/** An object whose `kind` decides its shape. */
export function variants(byKind: Record<string, Shape>): Shape {
  return (value, path) => {
    const kind = isObject(value) ? value['kind'] : undefined;
    const shape = typeof kind === 'string' && Object.hasOwn(byKind, kind) ? byKind[kind] : undefined;
    return shape?.(value, path) ?? refuse(`${path}.kind`, `one of ${Object.keys(byKind).join(', ')}`, kind);
  };
}
