import type { ModelCall } from '../../contract/model-call.js';
import { removeMembers } from '../../request/json-edit.js';
import { cloudBody } from '../anthropic/cloud-body.js';
import { isClaude } from './endpoints.js';

/** The only version of Claude's API here; it stands in the body. */
const version = { anthropic_version: '"vertex-2023-10-16"' };

/** The body for Vertex AI: the model stands in the path alone, but for counting Claude's tokens. */
export function bodyFor(call: ModelCall, model: string): Buffer {
  if (call.operation === 'count_tokens')
    return cloudBody(call, { ...version, model: JSON.stringify(model) }, []);
  if (isClaude(call)) return cloudBody(call, version, ['model']);
  return call.json !== null && 'model' in call.json ? removeMembers(call.body, ['model']) : call.body;
}
