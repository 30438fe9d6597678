import type { Kept, Shelf } from '../../accounts/shelf.js';
import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { aboutKept, onKept, renew } from '../keeping.js';
import { jsonOperation, textField } from '../request-body.js';
import { seconds } from './common.js';

const daySeconds = 86_400;

const create = jsonOperation('batches', (fields, { shelf }) => {
  const inputId = textField(fields, 'input_file_id');
  if (shelf.get('file', inputId) === undefined) return { kind: 'nothing_kept', what: 'file', id: inputId };
  return aboutKept(({ id: unique, nowMs }) => {
    const id = `batch_${unique}`;
    const shown = {
      id,
      object: 'batch',
      endpoint: textField(fields, 'endpoint'),
      errors: null,
      input_file_id: inputId,
      completion_window: textField(fields, 'completion_window'),
      status: 'validating',
      output_file_id: null,
      error_file_id: null,
      created_at: seconds(nowMs),
      expires_at: seconds(nowMs) + daySeconds,
      request_counts: { total: 0, completed: 0, failed: 0 },
      metadata: fields['metadata'] ?? null,
    };
    shelf.put(id, { kind: 'batch', shown });
    return json(shown);
  });
});

const list: Operation = {
  name: 'batches',
  read: ({ shelf }) =>
    aboutKept(() =>
      json({ object: 'list', data: shelf.all('batch').map(({ shown }) => shown), has_more: false }),
    ),
};

/** A batch gets on each time it is looked at: validating, in progress, completed. */
const show = onKept('batches', 'batch', (thing, { shelf, id }, nowMs) => {
  switch (thing.shown['status']) {
    case 'validating':
      return json(renew(shelf, id, thing, { status: 'in_progress' }).shown);
    case 'in_progress':
      return json(complete(thing, shelf, id, nowMs).shown);
    default:
      return json(thing.shown);
  }
});

/** One answer for each line of the file it was made from. */
function complete(thing: Kept, shelf: Shelf, id: string, nowMs: number): Kept {
  const input = shelf.get('file', String(thing.shown['input_file_id']))?.content?.toString() ?? '';
  const lines = input.split('\n').filter((line) => line.trim() !== '');
  const output = lines.map((_, at) =>
    JSON.stringify({ id: `${id}_${at}`, response: { status_code: 200 }, error: null }),
  );
  const outputId = `file-output-${id}`;
  const content = Buffer.from(output.map((line) => `${line}\n`).join(''));
  const file = { id: outputId, object: 'file', bytes: content.length, filename: `${id}_output.jsonl` };
  const shown = { ...file, created_at: seconds(nowMs), purpose: 'batch_output', status: 'processed' };
  shelf.put(outputId, { kind: 'file', shown, content });
  const { length } = lines;
  const request_counts = { total: length, completed: length, failed: 0 };
  return renew(shelf, id, thing, { status: 'completed', output_file_id: outputId, request_counts });
}

const cancel = onKept('batches', 'batch', (thing, { shelf, id }) =>
  json(renew(shelf, id, thing, { status: 'cancelling' }).shown),
);

/** `/v1/batches`. */
export const batches: Readonly<Record<string, Operation>> = {
  'POST batches': create,
  'GET batches': list,
  'GET batches/{id}': show,
  'POST batches/{id}/cancel': cancel,
};
