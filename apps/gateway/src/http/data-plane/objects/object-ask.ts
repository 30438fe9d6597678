import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RelayAnswer } from '#ai-routing';
import type { Caller } from '#api-keys';
import type { OpenCall } from '../open-calls.js';
import type { FoundObject } from './object-routes.js';
import type { UploadSession } from './upload-addresses.js';

/** One request for what providers keep. */
export interface ObjectAsk {
  readonly found: FoundObject;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly caller: Caller;
  readonly open: OpenCall;
  /** The upload that it goes on with; `null` for all others. */
  readonly session: UploadSession | null;
}

type Complete = Extract<RelayAnswer, { kind: 'complete' }>;

/** Whether an answer is here as a whole and is no error. */
export const isSuccess = (answer: RelayAnswer): answer is Complete =>
  answer.kind === 'complete' && answer.status < 300;
