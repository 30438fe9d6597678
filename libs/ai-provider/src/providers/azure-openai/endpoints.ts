import type { Operation } from '../../contract/model-call.js';
import { pathSegment } from '../../request/path-segment.js';
import { pathOf } from '../openai-compatible/endpoints.js';

/** The last dated version that is generally available; the undated surface (`/openai/v1`) needs none. */
const defaultApiVersion = '2024-10-21';

/** Those of the OpenAI wire format that Azure serves. */
export const operations: readonly Operation[] = [
  'chat_completions',
  'completions',
  'responses',
  'embeddings',
  'image_generations',
  'image_edits',
  'speech',
  'transcriptions',
  'translations',
];

/** Whether a base URL leads to the surface without versions and deployments in its paths. */
const isUndated = (prefix: string) => prefix.endsWith('/openai/v1');

const versioned = (prefix: string, path: string, apiVersion: string | null): string => {
  const version = apiVersion ?? (isUndated(prefix) ? null : defaultApiVersion);
  return version === null ? prefix + path : `${prefix}${path}?api-version=${encodeURIComponent(version)}`;
};

/**
 * The path of an operation. Behind a base URL that ends in `/openai/v1` it is OpenAI's; else the deployment stands in
 * it, for all operations but responses.
 *
 * @param prefix the path of the base URL
 * @param apiVersion `null` for the one that the surface takes for granted
 * @throws RangeError for an operation of another wire format
 */
export function azurePath(
  prefix: string,
  operation: Operation,
  deployment: string,
  apiVersion: string | null,
): string {
  const path = pathOf(operation);
  if (isUndated(prefix)) return versioned(prefix, path, apiVersion);
  const place = operation === 'responses' ? '/openai' : `/openai/deployments/${pathSegment(deployment)}`;
  return versioned(prefix, place + path, apiVersion);
}

/** Lists the models of the region: free, and refused without a valid key. Calls do not name these, but deployments. */
export const azureProbePath = (prefix: string, apiVersion: string | null): string =>
  versioned(prefix, isUndated(prefix) ? '/models' : '/openai/models', apiVersion);
