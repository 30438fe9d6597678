import type { ModelCall, ObjectKind } from '#ai-provider';
import type { JsonObject } from '../read-json.js';
import { referencesInGemini } from './gemini-references.js';
import { mostReferences, tooManyReferences, type ObjectReference } from './object-bindings.js';

const none: readonly ObjectReference[] = Object.freeze([]);
/** How a letter of a name is written when it is escaped. */
const escapedLetter = '\\u00';

/**
 * What a call of a model names of the things its provider keeps: files and earlier responses. Only where the wire formats have
 * such ids, never inside texts, schemas or arguments of tools.
 *
 * @throws DomainError `invalid_request` for more than 1,000 different ones
 */
export function referencesIn({
  wireFormat,
  operation,
  json,
  body,
}: Pick<ModelCall, 'wireFormat' | 'operation' | 'json' | 'body'>): readonly ObjectReference[] {
  if (json === null) return none;
  if (wireFormat === 'gemini') return referencesInGemini(json);
  const previous = operation === 'responses' ? referenceAt(json, 'previous_response_id', 'responses') : none;
  // Looking for the word costs next to nothing; hardly any request has it.
  if (!body.includes('file_id') && !body.includes(escapedLetter)) return previous;
  return distinct([...previous, ...filesIn(operation, json)]);
}

function distinct(references: readonly ObjectReference[]): readonly ObjectReference[] {
  const byName = new Map(references.map((reference) => [`${reference.kind} ${reference.id}`, reference]));
  if (byName.size > mostReferences) throw tooManyReferences(references[0]?.field);
  return [...byName.values()];
}

/** The file a batch is made of. */
export const inputFileOf = (json: JsonObject): readonly ObjectReference[] =>
  referenceAt(json, 'input_file_id', 'files');

/** Files that the messages of one request for Anthropic name. */
export function filesInMessages(json: JsonObject): readonly ObjectReference[] {
  return recordsIn(json['messages']).flatMap(({ content }) => recordsIn(content).flatMap(filesInBlock));
}

function filesIn(operation: ModelCall['operation'], json: JsonObject): readonly ObjectReference[] {
  switch (operation) {
    case 'responses':
      return [
        ...recordsIn(json['input']).flatMap(({ content, output }) =>
          [...recordsIn(content), ...recordsIn(output), ...recordsIn([output])].flatMap((part) =>
            referenceAt(part, 'file_id', 'files'),
          ),
        ),
        ...recordsIn(json['tools']).flatMap(filesOfTool),
      ];
    case 'chat_completions':
      return recordsIn(json['messages']).flatMap(({ content }) =>
        recordsIn(content).flatMap(({ file }) =>
          isRecord(file) ? referenceAt(file, 'file_id', 'files') : none,
        ),
      );
    case 'messages':
    case 'count_tokens':
      return filesInMessages(json);
    default:
      return none;
  }
}

/** A document, an image or an upload to a container; results of tools hold such blocks, too. */
function filesInBlock(block: JsonObject): readonly ObjectReference[] {
  const { type, source, content } = block;
  if (type === 'tool_result') return recordsIn(content).flatMap(filesInBlock);
  if (type === 'container_upload') return referenceAt(block, 'file_id', 'anthropic_files');
  return isRecord(source) && source['type'] === 'file'
    ? referenceAt(source, 'file_id', 'anthropic_files')
    : none;
}

/** Files for the interpreter of code, or the mask of an image. */
function filesOfTool({ container, input_image_mask: mask }: JsonObject): readonly ObjectReference[] {
  const ids = isRecord(container) ? container['file_ids'] : null;
  const masks = isRecord(mask) ? referenceAt(mask, 'file_id', 'files') : none;
  if (!Array.isArray(ids)) return masks;
  return ids
    .filter((id): id is string => typeof id === 'string')
    .map((id) => ({ kind: 'files', id, field: 'file_ids' }));
}

function referenceAt(json: JsonObject, field: string, kind: ObjectKind): readonly ObjectReference[] {
  const id = json[field];
  return typeof id === 'string' && id !== '' ? [{ kind, id, field }] : none;
}

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const recordsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
