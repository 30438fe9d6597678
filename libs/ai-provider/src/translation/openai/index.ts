import type { WireTranslator } from '../wire-translator.js';
import { readAnswer, writeAnswer, writeError } from './answer.js';
import { ChatDeltaReader } from './delta-reader.js';
import { ChatDeltaWriter } from './delta-writer.js';
import { readRequest } from './request-reader.js';
import { writeRequest } from './request-writer.js';

/** OpenAI's chat completions. */
export const openai: WireTranslator = {
  operation: 'chat_completions',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  writeError,
  deltaReader: () => new ChatDeltaReader(),
  deltaWriter: (terms) => new ChatDeltaWriter(terms),
};
