import type { ServerResponse } from 'node:http';
import type { OpenCall } from '../open-calls.js';
import type { BodyUpload } from './body-upload.js';

/** An upload at fault ends its call; what nobody has read of it when the answer is out passes by unread. */
export function passOn(upload: BodyUpload, { abort }: OpenCall, response: ServerResponse): void {
  upload.onFault = (error) => abort.abort(error);
  response.once('finish', () => upload.discard());
}
