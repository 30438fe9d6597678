import type { WireTranslator } from '../wire-translator.js';
import { readAnswer, writeAnswer, writeError } from './answer.js';
import { MessageDeltaReader } from './delta-reader.js';
import { MessageDeltaWriter } from './delta-writer.js';
import { readRequest } from './request-reader.js';
import { writeRequest } from './request-writer.js';

/** Anthropic's messages. */
export const anthropic: WireTranslator = {
  operation: 'messages',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  writeError,
  deltaReader: () => new MessageDeltaReader(),
  deltaWriter: (terms) => new MessageDeltaWriter(terms),
};
