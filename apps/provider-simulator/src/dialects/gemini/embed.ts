import { promptText } from '../../accounts/token-count.js';
import { json } from '../answers.js';
import { countField, jsonOperation, objectsIn, reading } from '../request-body.js';
import type { Fields } from '../request-body.js';
import { unitVector } from '../vector.js';

const defaultDimensions = 768;

const embedding = (fields: Fields) => ({
  values: [
    ...unitVector(
      promptText(fields['content']),
      Math.min(countField(fields, 'outputDimensionality') ?? defaultDimensions, 3072),
    ),
  ],
});

/** `POST /v1beta/models/{model}:embedContent`. */
export const embedContent = jsonOperation('embeddings', (fields, { pathModel }) =>
  reading({
    model: pathModel,
    prompt: promptText(fields['content']),
    cost: 'input',
    cacheable: false,
    answer: () => json({ embedding: embedding(fields) }),
  }),
);

/** `POST /v1beta/models/{model}:batchEmbedContents`, which the official SDK uses. */
export const batchEmbedContents = jsonOperation('embeddings', (fields, { pathModel }) => {
  const requests = objectsIn(fields['requests']);
  return reading({
    model: pathModel,
    prompt: requests.map((request) => promptText(request['content'])).join(''),
    cost: 'input',
    cacheable: false,
    answer: () => json({ embeddings: requests.map(embedding) }),
  });
});
