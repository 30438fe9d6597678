import type { ServerResponse } from 'node:http';
import type { OpenCall } from '../open-calls.js';
import type { FormUpload } from './form-upload.js';

/** A form at fault ends its call; what nobody has read of it when the answer is out passes by unread. */
export function passOn(form: FormUpload, { abort }: OpenCall, response: ServerResponse): void {
  form.onFault = (error) => abort.abort(error);
  response.once('finish', () => form.discard());
}
