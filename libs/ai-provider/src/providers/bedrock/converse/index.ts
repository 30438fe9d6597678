import type { UpstreamForm } from '../../../translation/wire-translator.js';
import { readAnswer } from './answer.js';
import { writeRequest } from './request.js';
import { ConverseDeltas } from './stream.js';

/** Bedrock's own form for all models: no caller speaks it, calls are translated to it. */
export const converse: UpstreamForm = {
  operation: 'converse',
  writeRequest,
  readAnswer,
  deltaReader: () => new ConverseDeltas(),
};
