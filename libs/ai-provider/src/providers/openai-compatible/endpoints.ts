import type { Operation } from '../../contract/model-call.js';

/** Where each operation lives behind the base URL. */
const paths: Readonly<Partial<Record<Operation, string>>> = {
  chat_completions: '/chat/completions',
  completions: '/completions',
  responses: '/responses',
  embeddings: '/embeddings',
  moderations: '/moderations',
  image_generations: '/images/generations',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  translations: '/audio/translations',
  image_edits: '/images/edits',
  image_variations: '/images/variations',
};

/** Every operation of the OpenAI wire format. */
export const openAiOperations = Object.keys(paths) as readonly Operation[];

const unstreamed: ReadonlySet<Operation> = new Set(['embeddings', 'moderations']);

/** Those operations of the OpenAI wire format that can be answered by a stream. */
export const streamable = (operations: readonly Operation[]): readonly Operation[] =>
  operations.filter((operation) => !unstreamed.has(operation));

/**
 * The path of an operation behind the base URL.
 *
 * @throws RangeError for an operation of another wire format
 */
export function pathOf(operation: Operation): string {
  const path = paths[operation];
  if (path === undefined) throw new RangeError(`the OpenAI wire format has no operation "${operation}"`);
  return path;
}
