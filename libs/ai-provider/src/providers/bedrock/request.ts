import type { ModelCall } from '../../contract/model-call.js';
import { cloudBody } from '../anthropic/cloud-body.js';
import { bodyFor as openAiBodyFor, asksForUsage } from '../openai-compatible/request.js';

/** The only version of Claude's API here; it stands in the body. */
const version = '"bedrock-2023-05-31"';

/** The body for Bedrock. Of a message the model and whether to stream stand in the path, and betas in the body. */
export function bodyFor(call: ModelCall, model: string): Buffer {
  // It was written for this model, whose name stands in the path.
  if (call.operation === 'converse') return call.body;
  if (call.operation !== 'messages') return openAiBodyFor(call, model, asksForUsage(call));
  const members: Record<string, string> = { anthropic_version: version };
  const betas = call.forwardHeaders['anthropic-beta'];
  if (betas !== undefined && call.json?.['anthropic_beta'] === undefined) {
    members['anthropic_beta'] = JSON.stringify(betas.split(',').map((beta) => beta.trim()));
  }
  return cloudBody(call, members, ['model', 'stream']);
}
