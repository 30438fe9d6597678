import type { ModelCall } from '../contract/model-call.js';
import type { AnswerHeaders } from '../contract/provider-adapter.js';
import { beginsLikeEvents } from '../stream/sse-event.js';
import { isEncoded, mediaType } from './whole-answer.js';

/** Whether the stream that was asked for has come: unless it says that it is something else, for servers name streams variously. */
export function isAnnounced({ upload }: ModelCall, status: number, headers: AnswerHeaders): boolean {
  if (status >= 300 || isEncoded(headers)) return false;
  const type = mediaType(headers);
  // Whether the form of an upload asks for a stream may stand behind what is read of it.
  if (upload !== undefined) return type.startsWith('text/event-stream');
  return !type.includes('json') && !type.startsWith('text/html');
}

/**
 * Whether a stream was asked for and has come, under the name of something else.
 *
 * @param beginning the first bytes of the answer
 */
export function isUnannounced(
  call: ModelCall | null,
  status: number,
  headers: AnswerHeaders,
  beginning: Buffer,
): boolean {
  if (!call?.stream || call.asBytes) return false;
  return status < 300 && !isEncoded(headers) && beginsLikeEvents(beginning);
}
