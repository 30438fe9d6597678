import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { reading } from '../request-body.js';

const model = (id: string) => ({ type: 'model', id, display_name: id, created_at: '2025-02-19T00:00:00Z' });

/** `GET /v1/models`. */
export const listModels: Operation = {
  name: 'models',
  read: ({ models }) =>
    reading({
      model: '',
      cost: 'free',
      answer: () =>
        json({
          data: models.map(model),
          has_more: false,
          first_id: models[0] ?? null,
          last_id: models.at(-1) ?? null,
        }),
    }),
};

/** `GET /v1/models/{id}`. */
export const getModel: Operation = {
  name: 'models',
  read: ({ pathModel }) => reading({ model: pathModel, cost: 'free', answer: () => json(model(pathModel)) }),
};
