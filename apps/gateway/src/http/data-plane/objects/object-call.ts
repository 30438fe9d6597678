import type { ModelCall, ObjectPath, WireFormat } from '#ai-provider';
import { asId } from '#kernel';

/** What of a call for a kept thing is not the same for all. */
export interface ObjectCallParts {
  readonly requestId: string;
  readonly wireFormat: WireFormat;
  readonly object: ObjectPath;
  /** Default: none. */
  readonly body?: Buffer;
  /** In the place of `body`. Default: none. */
  readonly upload?: ModelCall['upload'];
  /** Default: none is told. */
  readonly contentType?: string | undefined;
  /** Default: none. */
  readonly forwardHeaders?: ModelCall['forwardHeaders'];
  /** Default: no. */
  readonly asBytes?: boolean;
}

const noBody = Buffer.alloc(0);

/** A call for something that a provider keeps: of no model, and of no tokens. */
export const objectCall = (parts: ObjectCallParts): ModelCall => ({
  id: asId<'Call'>(parts.requestId),
  wireFormat: parts.wireFormat,
  operation: 'stored_objects',
  model: '',
  stream: false,
  body: parts.body ?? noBody,
  contentType: parts.contentType ?? '',
  json: null,
  inputTokensEstimate: 1,
  maxOutputTokens: 0,
  forwardHeaders: parts.forwardHeaders ?? {},
  asBytes: parts.asBytes,
  object: parts.object,
  upload: parts.upload,
});
