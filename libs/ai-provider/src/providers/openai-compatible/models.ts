import type { ModelPage } from '../../contract/provider-adapter.js';
import { isRecord, textsAt } from '../../json-value.js';

/** Reads a list of models, which comes whole: `{"data":[{"id"}]}`, or the bare list (Together). */
export function readModels(body: unknown): ModelPage | null {
  const list: unknown = isRecord(body) ? body['data'] : body;
  return Array.isArray(list) ? { models: textsAt(list, 'id'), next: null } : null;
}
