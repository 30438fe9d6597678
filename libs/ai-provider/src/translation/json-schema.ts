import { isRecord } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';

/** Members that hold a schema, a list of schemas, schemas by name. */
const single = new Set(['items', 'additionalProperties', 'not']);
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const named = new Set(['properties', '$defs', 'definitions']);

/** Rebuilds a schema and all schemas inside it, from the inside out. */
function mapSchema(schema: JsonRecord, change: (schema: JsonRecord) => JsonRecord): JsonRecord {
  const inner = (value: unknown) => (isRecord(value) ? mapSchema(value, change) : value);
  const mapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (single.has(name)) mapped[name] = inner(value);
    else if (lists.has(name) && Array.isArray(value)) mapped[name] = value.map(inner);
    else if (named.has(name) && isRecord(value)) {
      mapped[name] = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each)]));
    } else mapped[name] = value;
  }
  return change(mapped);
}

/** Bounds that Google's schemas write as texts, because they are 64 bit wide. */
const wideNumbers = /^(min|max)(Items|Length|Properties)$/;

function fromGoogle({ type, nullable, propertyOrdering: _, example, ...rest }: JsonRecord): JsonRecord {
  const schema: Record<string, unknown> = {};
  if (typeof type === 'string' && type !== 'TYPE_UNSPECIFIED') {
    schema['type'] = nullable === true ? [type.toLowerCase(), 'null'] : type.toLowerCase();
  }
  for (const [name, value] of Object.entries(rest)) {
    schema[name] = wideNumbers.test(name) && typeof value === 'string' ? Number(value) : value;
  }
  if (schema['format'] === 'enum') delete schema['format'];
  if (example !== undefined) schema['examples'] = [example];
  return schema;
}

/** The JSON schema that says what a schema in Google's own words says (`parameters`, `responseSchema`). */
export const jsonSchemaOf = (schema: JsonRecord): JsonRecord => mapSchema(schema, fromGoogle);

const isObject = ({ type, properties }: JsonRecord) => type === 'object' || properties !== undefined;

/** Closes every object that does not say whether it is open, as Anthropic's structured answers demand. */
export const closed = (schema: JsonRecord): JsonRecord =>
  mapSchema(schema, (each) =>
    isObject(each) && each['additionalProperties'] === undefined
      ? { ...each, additionalProperties: false }
      : each,
  );

/** Whether every object is closed and has all its members, as OpenAI's strict mode demands. */
export function isStrict(schema: JsonRecord): boolean {
  let strict = true;
  mapSchema(schema, (each) => {
    const { properties, required } = each;
    const names = isRecord(properties) ? Object.keys(properties) : [];
    const isComplete = names.every((name) => Array.isArray(required) && required.includes(name));
    if (isObject(each) && !(each['additionalProperties'] === false && isComplete)) strict = false;
    return each;
  });
  return strict;
}
