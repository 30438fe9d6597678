import type { Operation } from '#ai-provider';
import { DomainError } from '#kernel';
import type { BodyEndpoint, CallDraft, RawCall } from '../data-plane/call-reader.js';
import { estimateTokens } from '../data-plane/estimate-tokens.js';
import { readCount, readJsonObject, type JsonObject } from '../data-plane/read-json.js';

const verbs: ReadonlyMap<string, { operation: Operation; stream: boolean; writes: boolean }> = new Map([
  ['generateContent', { operation: 'generate_content', stream: false, writes: true }],
  ['streamGenerateContent', { operation: 'generate_content', stream: true, writes: true }],
  ['embedContent', { operation: 'embed_content', stream: false, writes: false }],
  ['batchEmbedContents', { operation: 'batch_embed_contents', stream: false, writes: false }],
  ['countTokens', { operation: 'gemini_count_tokens', stream: false, writes: false }],
] as const);

/** The Gemini wire format, below this path. Bodies are forwarded as they come; see Google's API reference for them. */
export const geminiPath = '/v1beta/models/';

/**
 * Finds the operation of a Gemini path, which names model and verb: `gemini-2.5-flash:generateContent`. The model's name
 * may hold slashes (`google/gemini-2.5-flash`).
 *
 * @param path below {@link geminiPath}, as it came
 * @param query its `alt` counts; streams are served as server-sent events (`sse`) only, as every official SDK asks
 * @throws DomainError `not_found` for another verb, `invalid_request` for a stream that is not `sse`
 */
export function geminiEndpoint(path: string, query: string): BodyEndpoint {
  const modelAndVerb = decoded(path.slice(geminiPath.length));
  const alt = new URLSearchParams(query).get('alt');
  const colon = modelAndVerb.lastIndexOf(':');
  const verb = verbs.get(modelAndVerb.slice(colon + 1));
  if (colon < 1 || verb === undefined) throw new DomainError('not_found', 'There is no such method.');
  if (verb.stream && alt !== 'sse') {
    throw new DomainError('invalid_request', 'Streams are served as server-sent events: add ?alt=sse.', {
      field: 'alt',
    });
  }
  const model = modelAndVerb.slice(0, colon);
  const read = ({ body, contentType }: RawCall): CallDraft => {
    const json = readJsonObject(body, contentType);
    const maxOutputTokens = verb.writes ? outputBound(json) : 0;
    return { model, stream: verb.stream, json, inputTokensEstimate: estimateTokens(json), maxOutputTokens };
  };
  return { kind: 'body', wireFormat: 'gemini', operation: verb.operation, read };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DomainError('not_found', 'The path cannot be decoded.');
  }
}

function outputBound({ generationConfig }: JsonObject): number | null {
  if (typeof generationConfig !== 'object' || generationConfig === null) return null;
  return readCount(generationConfig as JsonObject, 'maxOutputTokens');
}
