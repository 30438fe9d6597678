import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { formParts } from '../form.js';
import { aboutKept, contentOf, onKept, showKept } from '../keeping.js';
import { invalid } from '../request-body.js';

const create: Operation = {
  name: 'files',
  read({ body, shelf }) {
    const file = formParts(body).get('file');
    if (file === undefined) return invalid('file: Field required');
    return aboutKept(({ id: unique, nowMs }) => {
      const id = `file_${unique}`;
      const shown = {
        type: 'file',
        id,
        size_bytes: file.content.length,
        created_at: new Date(nowMs).toISOString(),
        filename: file.filename,
        mime_type: file.type,
        downloadable: true,
      };
      shelf.put(id, { kind: 'file', shown, content: Buffer.from(file.content) });
      return json(shown);
    });
  },
};

const list: Operation = {
  name: 'files',
  read: ({ shelf }) =>
    aboutKept(() => {
      const data = shelf.all('file').map(({ shown }) => shown);
      return json({
        data,
        first_id: data[0]?.['id'] ?? null,
        last_id: data.at(-1)?.['id'] ?? null,
        has_more: false,
      });
    }),
};

const remove = onKept('files', 'file', (_thing, { shelf, id }) => {
  shelf.drop(id);
  return json({ id, type: 'file_deleted' });
});

/** `/v1/files`. Everybody who has the key sees all of them. */
export const files: Readonly<Record<string, Operation>> = {
  'POST /v1/files': create,
  'GET /v1/files': list,
  'GET /v1/files/{id}': showKept('files', 'file'),
  'GET /v1/files/{id}/content': contentOf('files', 'file', 'application/octet-stream'),
  'DELETE /v1/files/{id}': remove,
};
