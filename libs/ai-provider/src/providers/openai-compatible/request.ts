import type { ModelCall } from '../../contract/model-call.js';
import { recordAt } from '../../json-value.js';
import { setMembers, setText } from '../../request/json-edit.js';
import { setFormField } from '../../request/multipart-edit.js';

const streamsChunks = (call: ModelCall) =>
  call.stream && (call.operation === 'chat_completions' || call.operation === 'completions');

/** Whether we have to ask for the usage of a stream because the caller did not. */
export const asksForUsage = (call: ModelCall): boolean =>
  streamsChunks(call) && recordAt(call.json, 'stream_options')['include_usage'] !== true;

/**
 * The body for the provider: the caller's own bytes, unless the model is called differently there or the usage of a
 * stream has to be asked for.
 */
export function bodyFor(call: ModelCall, model: string, addsUsage: boolean): Buffer {
  if (call.json === null) return setFormField(call.body, call.contentType, 'model', model);
  const { model: named } = call.json;
  const isRenamed = named !== model;
  if (isRenamed && !addsUsage) return setText(call.body, 'model', named, model);
  const members: Record<string, string> = {};
  if (isRenamed) members['model'] = JSON.stringify(model);
  if (addsUsage) {
    members['stream_options'] = JSON.stringify({
      ...recordAt(call.json, 'stream_options'),
      include_usage: true,
    });
  }
  return Object.keys(members).length === 0 ? call.body : setMembers(call.body, members);
}
