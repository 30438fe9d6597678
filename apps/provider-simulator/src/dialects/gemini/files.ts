import { createHash } from 'node:crypto';
import type { Kept, Shelf } from '../../accounts/shelf.js';
import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import type { Fields } from '../request-body.js';
import { textField } from '../request-body.js';
import { instant, listing, onLiving, removal } from './things.js';

const keptMs = 48 * 3_600_000;
/** How long a film is looked at before it may be used. */
const processingMs = 1_000;
const apiUrl = 'https://generativelanguage.googleapis.com/v1beta';

/** Puts a file on the shelf. @returns as it is shown */
export function keepFile(
  shelf: Shelf,
  id: string,
  { about, mimeType, content, nowMs }: { about: Fields; mimeType: string; content: Buffer; nowMs: number },
): Kept['shown'] {
  const name = textField(about, 'name') || `files/${id}`;
  const displayName = textField(about, 'displayName') || textField(about, 'display_name');
  const shown = {
    name,
    ...(displayName !== '' && { displayName }),
    mimeType,
    sizeBytes: String(content.length),
    createTime: instant(nowMs),
    updateTime: instant(nowMs),
    expirationTime: instant(nowMs + keptMs),
    sha256Hash: createHash('sha256').update(content).digest('base64'),
    uri: `${apiUrl}/${name}`,
    state: 'PROCESSING',
    source: 'UPLOADED',
  };
  const thing = { kind: 'file', shown, content };
  shelf.put(name.slice('files/'.length), thing);
  return showFile(thing, nowMs);
}

/** A file as it is at an instant: films are processed for a while. */
export function showFile({ shown }: Kept, nowMs: number): Kept['shown'] {
  const isFilm = String(shown['mimeType']).startsWith('video/');
  const readyAtMs = Date.parse(String(shown['createTime'])) + (isFilm ? processingMs : 0);
  return nowMs < readyAtMs ? shown : { ...shown, state: 'ACTIVE' };
}

/** `/v1beta/files`. Everybody who has the key sees all of them. */
export const files: Readonly<Record<string, Operation>> = {
  'GET /v1beta/files': listing('file', 'files', showFile),
  'GET /v1beta/files/{id}:download': onLiving('file', ({ content, shown }) => ({
    kind: 'whole',
    contentType: String(shown['mimeType']),
    body: content ?? Buffer.alloc(0),
  })),
  'GET /v1beta/files/{id}': onLiving('file', (thing, { nowMs }) => json(showFile(thing, nowMs))),
  'DELETE /v1beta/files/{id}': removal('file'),
};
