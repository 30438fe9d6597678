import type { ModelCall } from '../../contract/model-call.js';
import { isRecord } from '../../json-value.js';
import { setMembers } from '../../request/json-edit.js';
import { resourceOf } from './endpoints.js';

/** The body for the provider: the model stands in the path, but some methods name it in the body once more. */
export function bodyFor(call: ModelCall, model: string): Buffer {
  const resource = resourceOf(model);
  const isSame = (name: unknown) => name === resource || name === model;
  const members: Record<string, string> = {};
  const named = call.json?.['model'];
  if (typeof named === 'string' && !isSame(named)) members['model'] = JSON.stringify(resource);
  const nested = call.json?.['generateContentRequest'];
  if (isRecord(nested) && !isSame(nested['model'])) {
    members['generateContentRequest'] = JSON.stringify({ ...nested, model: resource });
  }
  const batch = call.json?.['requests'];
  if (Array.isArray(batch) && batch.some((each) => isRecord(each) && !isSame(each['model']))) {
    const named = batch.map((each: unknown) => (isRecord(each) ? { ...each, model: resource } : each));
    members['requests'] = JSON.stringify(named);
  }
  return Object.keys(members).length === 0 ? call.body : setMembers(call.body, members);
}
