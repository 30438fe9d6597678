import type { ModelCall } from '../../contract/model-call.js';
import { removeMembers, setMembers } from '../../request/json-edit.js';

/**
 * The body of a message for a cloud that serves Claude: the version stands in it instead of a header, and what stands in
 * the path is left out.
 *
 * @param members JSON text by key that must be there
 * @param left keys that the cloud refuses
 */
export const cloudBody = (
  call: ModelCall,
  members: Readonly<Record<string, string>>,
  left: readonly string[],
): Buffer => removeMembers(setMembers(call.body, members), left);
