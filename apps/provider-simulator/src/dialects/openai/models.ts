import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { reading } from '../request-body.js';

const model = (id: string) => ({ id, object: 'model', created: 1_715_367_049, owned_by: 'system' });

/** `GET /v1/models`. */
export const listModels: Operation = {
  name: 'models',
  read: ({ models }) =>
    reading({
      model: '',
      cost: 'free',
      answer: () => json({ object: 'list', data: models.map(model) }),
    }),
};

/** `GET /v1/models/{id}`. */
export const getModel: Operation = {
  name: 'models',
  read: ({ pathModel }) => reading({ model: pathModel, cost: 'free', answer: () => json(model(pathModel)) }),
};
