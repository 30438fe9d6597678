import type { ModelPage } from '../../contract/provider-adapter.js';
import { isRecord, textsAt } from '../../json-value.js';

/** A page of the list of models; 1,000 is the most it gives. */
export const modelsPath = (after: string | null): string =>
  `/v1/models?limit=1000${after === null ? '' : `&after_id=${encodeURIComponent(after)}`}`;

/** Reads such a page. */
export function readModels(body: unknown): ModelPage | null {
  if (!isRecord(body) || !Array.isArray(body['data'])) return null;
  const last = body['last_id'];
  const next = body['has_more'] === true && typeof last === 'string' ? last : null;
  return { models: textsAt(body['data'], 'id'), next };
}
