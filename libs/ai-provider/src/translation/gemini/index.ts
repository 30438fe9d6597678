import type { WireTranslator } from '../wire-translator.js';
import { readAnswer, writeAnswer, writeError } from './answer.js';
import { ContentDeltaReader } from './delta-reader.js';
import { ContentDeltaWriter } from './delta-writer.js';
import { readRequest } from './request-reader.js';
import { writeRequest } from './request-writer.js';

/** Gemini's generated content. */
export const gemini: WireTranslator = {
  operation: 'generate_content',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  writeError,
  deltaReader: (call) => new ContentDeltaReader(call),
  deltaWriter: (terms) => new ContentDeltaWriter(terms),
};
