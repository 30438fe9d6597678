import { promptText, tokensOf } from '../../accounts/token-count.js';
import { json } from '../answers.js';
import { countField, jsonOperation, reading, textField } from '../request-body.js';
import { unitVector } from '../vector.js';
import type { OpenAiStyle } from './chat.js';
import { inputUsage } from './common.js';

const defaultDimensions = 1536;

/** `POST /v1/embeddings`; a list of numbers is one input, already cut into tokens. */
export const embeddingsOperation = (style: OpenAiStyle) =>
  jsonOperation('embeddings', (fields) => {
    const inputs = listInputs(fields['input']);
    const dimensions = Math.min(countField(fields, 'dimensions') ?? defaultDimensions, 3072);
    const asBase64 = fields['encoding_format'] === 'base64';
    return reading({
      model: textField(fields, 'model'),
      prompt: inputs.map(promptText).join(''),
      inputTokens: inputs.map(inputTokens).reduce((sum, tokens) => sum + tokens, 0),
      cost: 'input',
      cacheable: false,
      answer: (serving) =>
        json({
          ...style.embeddings?.(serving),
          object: 'list',
          data: inputs.map((input, index) => {
            const vector = unitVector(JSON.stringify(input), dimensions);
            const embedding = asBase64 ? Buffer.from(vector.buffer).toString('base64') : [...vector];
            return { object: 'embedding', index, embedding };
          }),
          model: serving.model,
          usage: inputUsage(serving.usage),
        }),
    });
  });

function listInputs(input: unknown): readonly unknown[] {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
}

function inputTokens(input: unknown): number {
  return Array.isArray(input) ? input.length : tokensOf(promptText(input));
}
