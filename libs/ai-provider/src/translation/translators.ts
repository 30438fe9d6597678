import type { WireFormat } from '../contract/model-call.js';
import { anthropic } from './anthropic/index.js';
import { gemini } from './gemini/index.js';
import { openai } from './openai/index.js';
import type { WireTranslator } from './wire-translator.js';

/** How each wire format is translated. */
export const translators: Readonly<Record<WireFormat, WireTranslator>> = { openai, anthropic, gemini };
