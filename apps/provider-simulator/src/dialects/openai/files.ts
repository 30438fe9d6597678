import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { formParts, formText } from '../form.js';
import { aboutKept, contentOf, onKept, showKept } from '../keeping.js';
import { invalid } from '../request-body.js';
import { seconds } from './common.js';

const create: Operation = {
  name: 'files',
  read({ body, shelf }) {
    const parts = formParts(body);
    const file = parts.get('file');
    const purpose = formText(parts, 'purpose');
    if (purpose === '') return invalid("Missing required parameter: 'purpose'.", 'purpose');
    if (file === undefined) return invalid("Missing required parameter: 'file'.", 'file');
    return aboutKept(({ id: unique, nowMs }) => {
      const id = `file-${unique}`;
      const shown = {
        id,
        object: 'file',
        bytes: file.content.length,
        created_at: seconds(nowMs),
        expires_at: null,
        filename: file.filename,
        purpose,
        status: 'processed',
        status_details: null,
      };
      shelf.put(id, { kind: 'file', shown, content: Buffer.from(file.content) });
      return json(shown);
    });
  },
};

const list: Operation = {
  name: 'files',
  read: ({ shelf }) =>
    aboutKept(() =>
      json({ object: 'list', data: shelf.all('file').map(({ shown }) => shown), has_more: false }),
    ),
};

const remove = onKept('files', 'file', (_thing, { shelf, id }) => {
  shelf.drop(id);
  return json({ id, object: 'file', deleted: true });
});

/** `/v1/files`. Everybody who has the key sees all of them. */
export const files: Readonly<Record<string, Operation>> = {
  'POST files': create,
  'GET files': list,
  'GET files/{id}': showKept('files', 'file'),
  'GET files/{id}/content': contentOf('files', 'file', 'application/octet-stream'),
  'DELETE files/{id}': remove,
};
