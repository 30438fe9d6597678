import type { ModelPage } from '../../contract/provider-adapter.js';
import { isRecord, textsAt } from '../../json-value.js';

/** A page of the list of models; 1,000 is the most it gives. */
export const modelsPath = (after: string | null): string =>
  `/v1beta/models?pageSize=1000${after === null ? '' : `&pageToken=${encodeURIComponent(after)}`}`;

/** Reads such a page; calls name models without their collection. */
export function readModels(body: unknown): ModelPage | null {
  if (!isRecord(body) || !Array.isArray(body['models'])) return null;
  const next = body['nextPageToken'];
  return {
    models: textsAt(body['models'], 'name').map((name) => name.replace(/^models\//, '')),
    next: typeof next === 'string' && next !== '' ? next : null,
  };
}
