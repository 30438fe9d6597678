import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { onKept, renew, showKept } from '../keeping.js';

/** `/v1/responses/{id}`: what was created with `store` is kept. */
export const storedResponses: Readonly<Record<string, Operation>> = {
  'GET responses/{id}': showKept('responses', 'response'),
  'GET responses/{id}/input_items': onKept('responses', 'response', ({ content }) => {
    const text = content?.toString() ?? '';
    const item = { id: 'msg_input', type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
    return json({ object: 'list', data: [item], first_id: item.id, last_id: item.id, has_more: false });
  }),
  'POST responses/{id}/cancel': onKept('responses', 'response', (thing, { shelf, id }) =>
    json(renew(shelf, id, thing, { status: 'cancelled' }).shown),
  ),
  'DELETE responses/{id}': onKept('responses', 'response', (_thing, { shelf, id }) => {
    shelf.drop(id);
    return json({ id, object: 'response', deleted: true });
  }),
};
