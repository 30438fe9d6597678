import type { Kept } from '../../accounts/shelf.js';
import { json } from '../answers.js';
import type {
  Answer,
  InvalidRequest,
  NothingKept,
  Operation,
  OperationRequest,
  Reading,
} from '../dialect.js';
import { aboutKept } from '../keeping.js';
import type { Fields } from '../request-body.js';
import { invalid, objectField } from '../request-body.js';
import { keepFile } from './files.js';

/** Pieces but the last are a multiple of this, bytes. */
const granularity = 262_144;
const place = '/upload/v1beta/files';

const headerOf = ({ headers }: OperationRequest, name: string): string =>
  headers[`x-goog-upload-${name}`]?.toString() ?? '';

const withHeaders = (answer: Answer, headers: Readonly<Record<string, string>>): Answer =>
  answer.kind === 'whole' ? { ...answer, headers } : answer;

const empty = (headers: Readonly<Record<string, string>>): Answer => ({
  kind: 'whole',
  contentType: 'text/plain; charset=utf-8',
  body: '',
  headers,
});

function parsed(body: Buffer): Fields {
  try {
    return JSON.parse(body.toString() || '{}') as Fields;
  } catch {
    return {};
  }
}

/** `start`: what the file will be is told, and where its bytes are to go. */
function start(request: OperationRequest): Reading {
  const { shelf, body, baseUrl } = request;
  const shown = {
    about: objectField(parsed(body), 'file'),
    mimeType: headerOf(request, 'header-content-type'),
  };
  return aboutKept(({ id }) => {
    shelf.put(`upload-${id}`, { kind: 'upload', shown, content: Buffer.alloc(0) });
    return empty({
      'x-goog-upload-status': 'active',
      'x-goog-upload-url': `${baseUrl}${place}?upload_id=upload-${id}&upload_protocol=resumable`,
      'x-goog-upload-control-url': `${baseUrl}${place}?upload_id=upload-${id}&upload_protocol=resumable`,
      'x-goog-upload-chunk-granularity': String(granularity),
      'x-guploader-uploadid': `upload-${id}`,
    });
  });
}

/** `upload`, `upload, finalize`, `finalize`, `query`, `cancel` of an upload that has begun. */
function goOn(request: OperationRequest, uploadId: string): Reading | InvalidRequest | NothingKept {
  const { shelf, body, nowMs } = request;
  const upload = shelf.get('upload', uploadId);
  if (upload === undefined) return { kind: 'nothing_kept', what: 'upload', id: uploadId };
  const commands = headerOf(request, 'command').split(/ *, */);
  const received = upload.content ?? Buffer.alloc(0);
  if (commands.includes('query')) {
    return aboutKept(() =>
      empty({ 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': String(received.length) }),
    );
  }
  if (commands.includes('cancel')) {
    shelf.drop(uploadId);
    return aboutKept(() => empty({ 'x-goog-upload-status': 'cancelled' }));
  }
  const isLast = commands.includes('finalize');
  if (Number(headerOf(request, 'offset') || 0) !== received.length)
    return invalid('Upload offset does not match.');
  if (!isLast && body.length % granularity !== 0)
    return invalid('Upload size is no multiple of the granularity.');
  const content = Buffer.concat([received, body]);
  if (!isLast) {
    shelf.put(uploadId, { ...upload, content });
    return aboutKept(() =>
      empty({ 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': String(content.length) }),
    );
  }
  shelf.drop(uploadId);
  return finished(request, { ...about(upload), content, nowMs });
}

function about({ shown }: Kept): { about: Fields; mimeType: string } {
  return { about: objectField(shown, 'about'), mimeType: String(shown['mimeType']) };
}

function finished({ shelf }: OperationRequest, file: Parameters<typeof keepFile>[2]): Reading {
  return aboutKept(({ id }) =>
    withHeaders(json({ file: keepFile(shelf, id, file) }), { 'x-goog-upload-status': 'final' }),
  );
}

/** A file in one request: its bytes alone, or behind what is said of it. */
function whole(request: OperationRequest): Reading | InvalidRequest {
  const { headers, body, nowMs } = request;
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/'))
    return finished(request, { about: {}, mimeType: type, content: body, nowMs });
  const boundary = /boundary="?([^";]+)/.exec(type)?.[1] ?? '';
  const [, first, second] = body.toString('latin1').split(`--${boundary}`);
  const partOf = (text = ''): string => text.slice(text.indexOf('\r\n\r\n') + 4, -2);
  if (second === undefined) return invalid('Malformed multipart body.');
  const mimeType = /content-type: *([^\r\n]+)/i.exec(second)?.[1] ?? '';
  const said = objectField(parsed(Buffer.from(partOf(first), 'latin1')), 'file');
  return finished(request, { about: said, mimeType, content: Buffer.from(partOf(second), 'latin1'), nowMs });
}

/** `POST /upload/v1beta/files`: the resumable protocol, `raw` and `multipart`. */
const upload: Operation = {
  name: 'files',
  read(request) {
    const uploadId = new URLSearchParams(request.query).get('upload_id');
    if (uploadId !== null) return goOn(request, uploadId);
    if (headerOf(request, 'protocol') !== 'resumable') return whole(request);
    return headerOf(request, 'command') === 'start' ? start(request) : invalid('Unknown upload command.');
  },
};

/** Where files are brought to. */
export const uploads: Readonly<Record<string, Operation>> = { [`POST ${place}`]: upload };
