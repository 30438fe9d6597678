import type { WireFormat } from '#ai-provider';
import type { ErrorCode } from '#kernel';
import { anthropicError } from '../anthropic/error-body.js';
import { geminiError } from '../gemini/error-body.js';
import { openaiError } from '../openai/error-body.js';

/** An error on its way to a caller, in no wire format yet. */
export interface EdgeError {
  readonly code: ErrorCode;
  readonly status: number;
  /** For the caller: no key, no account, no internals. */
  readonly message: string;
  readonly field: string | null;
  readonly retryAfterSeconds: number | null;
  readonly requestId: string;
}

/** How one wire format says that something went wrong. */
export interface ErrorBody {
  /** The body of an answer that is an error as a whole. */
  body(error: EdgeError): object;
  /** The last event of a stream that had begun, as bytes on the wire. */
  lastEvent(error: EdgeError): string;
}

/** The three languages in which callers can be told. */
export const errorBodies: Readonly<Record<WireFormat, ErrorBody>> = {
  openai: openaiError,
  anthropic: anthropicError,
  gemini: geminiError,
};
