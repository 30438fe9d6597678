import type { WireFormat } from '#ai-provider';
import { anthropicError } from '../anthropic/error-body.js';
import { geminiError } from '../gemini/error-body.js';
import { openaiError } from '../openai/error-body.js';
import type { ErrorBody } from './edge-error.js';

/** The three languages in which callers can be told. */
export const errorBodies: Readonly<Record<WireFormat, ErrorBody>> = {
  openai: openaiError,
  anthropic: anthropicError,
  gemini: geminiError,
};
