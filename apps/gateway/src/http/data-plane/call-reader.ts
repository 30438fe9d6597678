import type { ModelCall, Operation, WireFormat } from '#ai-provider';
import type { FormUpload } from './uploads/form-upload.js';

/** What a request says about the call it is; the rest of a {@link ModelCall} is the same for all. */
export type CallDraft = Pick<
  ModelCall,
  'model' | 'stream' | 'json' | 'inputTokensEstimate' | 'maxOutputTokens' | 'asBytes'
>;

/** What a request of the data plane looks like before anything is read from it. */
export interface RawCall {
  readonly body: Buffer;
  readonly contentType: string;
}

/** Where an operation is found, and what its documentation says. */
export interface CallRoute {
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly endpoint: Endpoint;
}

/** One operation in one wire format, and how its requests are read: from a body, or from a form with a file. */
export type Endpoint = BodyEndpoint | FormEndpoint;

/** Its body is read as a whole. */
export interface BodyEndpoint {
  readonly kind: 'body';
  readonly wireFormat: WireFormat;
  readonly operation: Operation;
  /** @throws DomainError `invalid_request` or `unsupported_media_type` naming what is wrong */
  read(raw: RawCall): CallDraft;
}

/** Its form is passed on while it arrives. */
export interface FormEndpoint {
  readonly kind: 'form';
  readonly wireFormat: WireFormat;
  readonly operation: Operation;
  /** @throws DomainError `invalid_request` naming what is wrong */
  read(form: FormUpload): CallDraft;
}
