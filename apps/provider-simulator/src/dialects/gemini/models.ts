import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { reading } from '../request-body.js';

const model = (id: string) => ({
  name: `models/${id}`,
  version: '001',
  displayName: id,
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent'],
});

/** `GET /v1beta/models`. */
export const listModels: Operation = {
  name: 'models',
  read: ({ models }) =>
    reading({ model: '', cost: 'free', answer: () => json({ models: models.map(model) }) }),
};

/** `GET /v1beta/models/{id}`. */
export const getModel: Operation = {
  name: 'models',
  read: ({ pathModel }) => reading({ model: pathModel, cost: 'free', answer: () => json(model(pathModel)) }),
};
