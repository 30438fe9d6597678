import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { aboutKept, contentOf, onKept, renew } from '../keeping.js';
import { jsonOperation, objectField, objectsIn, textField } from '../request-body.js';

const dayMs = 86_400_000;
const name = 'message_batches';

const create = jsonOperation(name, (fields, { shelf }) => {
  const requests = objectsIn(fields['requests']);
  return aboutKept(({ id: unique, nowMs }) => {
    const id = `msgbatch_${unique}`;
    const shown = {
      id,
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      created_at: new Date(nowMs).toISOString(),
      expires_at: new Date(nowMs + dayMs).toISOString(),
      ended_at: null,
      cancel_initiated_at: null,
      archived_at: null,
      results_url: null,
    };
    const results = requests.map((request) => {
      const model = textField(objectField(request, 'params'), 'model');
      const message = { type: 'message', role: 'assistant', model, content: [{ type: 'text', text: 'ok' }] };
      return JSON.stringify({ custom_id: request['custom_id'], result: { type: 'succeeded', message } });
    });
    shelf.put(id, {
      kind: 'batch',
      shown,
      content: Buffer.from(results.map((line) => `${line}\n`).join('')),
    });
    return json(shown);
  });
});

const list: Operation = {
  name,
  read: ({ shelf }) =>
    aboutKept(() => {
      const data = shelf.all('batch').map(({ shown }) => shown);
      return json({
        data,
        first_id: data[0]?.['id'] ?? null,
        last_id: data.at(-1)?.['id'] ?? null,
        has_more: false,
      });
    }),
};

/** A batch has ended when it is looked at; its results lie at an address of the provider. */
const show = onKept(name, 'batch', (thing, { shelf, id }, nowMs) => {
  const ended = { processing_status: 'ended', ended_at: new Date(nowMs).toISOString() };
  const results_url = `https://api.anthropic.com/v1/messages/batches/${id}/results`;
  return json(renew(shelf, id, thing, { ...ended, results_url }).shown);
});

const cancel = onKept(name, 'batch', (thing, { shelf, id }) =>
  json(renew(shelf, id, thing, { processing_status: 'canceling' }).shown),
);

const remove = onKept(name, 'batch', (_thing, { shelf, id }) => {
  shelf.drop(id);
  return json({ id, type: 'message_batch_deleted' });
});

/** `/v1/messages/batches`. */
export const messageBatches: Readonly<Record<string, Operation>> = {
  'POST /v1/messages/batches': create,
  'GET /v1/messages/batches': list,
  'GET /v1/messages/batches/{id}': show,
  'GET /v1/messages/batches/{id}/results': contentOf(name, 'batch', 'application/x-jsonl'),
  'POST /v1/messages/batches/{id}/cancel': cancel,
  'DELETE /v1/messages/batches/{id}': remove,
};
