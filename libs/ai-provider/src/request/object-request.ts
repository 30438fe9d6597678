import type { ModelCall, ObjectPath, Upload } from '../contract/model-call.js';
import type { UpstreamRequest } from '../contract/provider-adapter.js';

/** Where a provider's collections lie, and as whom they are asked. */
interface ObjectPlace {
  readonly origin: string;
  /** Before the path of the collection, no slash at its end. */
  readonly prefix: string;
  readonly headers: Record<string, string>;
}

/** The request for a thing that a provider keeps: the caller's own bytes, the path of the collection behind the base. */
export function objectRequest(
  { body, upload }: ModelCall,
  { method, path }: ObjectPath,
  { origin, prefix, headers }: ObjectPlace,
): UpstreamRequest {
  const request = { method, origin, path: prefix + path };
  if (upload !== undefined) return { ...request, ...uploadParts(upload, '', headers) };
  if (body.length > 0) return { ...request, headers, body };
  delete headers['content-type'];
  return { ...request, headers, body: null };
}

/** The parts of a request whose body is passed on while it arrives; of a known length it says so. */
export function uploadParts(
  upload: Upload,
  model: string,
  headers: Record<string, string>,
): Pick<UpstreamRequest, 'headers' | 'body' | 'openBody'> {
  const length = upload.lengthWith(model);
  if (length !== null) headers['content-length'] = String(length);
  return { headers, body: null, openBody: () => upload.open(model) };
}
