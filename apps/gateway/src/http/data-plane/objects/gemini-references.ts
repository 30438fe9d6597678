import { DomainError } from '#kernel';
import type { JsonObject } from '../read-json.js';
import type { ObjectReference } from './object-bindings.js';

const none: readonly ObjectReference[] = Object.freeze([]);
/** Different things that one request may name: names can be chosen, so none is left unlooked at. */
const mostReferences = 1_000;
/** Where files of Gemini lie, whatever the base URL. */
const host = /^generativelanguage\.(?:[\w-]+\.)*googleapis\.com\.?$/;
const fileInPath = /(?:^|\/)files\/([^/:?#]+)/;

/**
 * What a request for Gemini names of the things its provider keeps: uploaded files and a cache, in both spellings. Addresses of
 * other places (`gs://`, films, pages) are nobody's.
 *
 * @param json of any operation: what is counted, or embedded with others, stands one level deeper
 * @throws DomainError `invalid_request` for more than 1,000 of them
 */
export function referencesInGemini(json: JsonObject): readonly ObjectReference[] {
  const found = new Found();
  found.lookAt(json);
  for (const name of nested) for (const request of listAt(json, name)) found.lookAt(request);
  return found.references;
}

const nested = ['generateContentRequest', 'generate_content_request', 'requests'] as const;
const contents = ['contents', 'systemInstruction', 'system_instruction', 'content'] as const;
const datas = ['fileData', 'file_data'] as const;
const uris = ['fileUri', 'file_uri'] as const;
const cacheNames = ['cachedContent', 'cached_content'] as const;
const results = ['functionResponse', 'function_response'] as const;
const cachePrefix = 'cachedContents/';

/** Collects; a request that names nothing, as nearly all, leaves no trace. */
class Found {
  private byName: Map<string, ObjectReference> | null = null;

  get references(): readonly ObjectReference[] {
    return this.byName === null ? none : [...this.byName.values()];
  }

  lookAt(request: unknown): void {
    if (!isRecord(request)) return;
    for (const field of cacheNames) {
      const name = request[field];
      if (typeof name === 'string' && name.startsWith(cachePrefix))
        this.note({ kind: 'gemini_caches', id: name.slice(cachePrefix.length), field });
    }
    for (const name of contents) {
      for (const content of listAt(request, name)) if (isRecord(content)) this.lookAtParts(content);
    }
  }

  /** Results of functions hold such parts, too. */
  private lookAtParts(holder: JsonObject): void {
    for (const part of listAt(holder, 'parts')) {
      if (!isRecord(part)) continue;
      for (const name of datas) this.noteFile(part[name]);
      for (const name of results) {
        const result = part[name];
        if (isRecord(result)) this.lookAtParts(result);
      }
    }
  }

  private noteFile(data: unknown): void {
    if (!isRecord(data)) return;
    for (const field of uris) {
      const id = fileIdIn(data[field]);
      if (id !== null) this.note({ kind: 'gemini_files', id, field });
    }
  }

  private note(reference: ObjectReference): void {
    this.byName ??= new Map();
    this.byName.set(`${reference.kind} ${reference.id}`, reference);
    if (this.byName.size <= mostReferences) return;
    const text = `The request names more than ${mostReferences} files.`;
    throw new DomainError('invalid_request', text, { field: reference.field });
  }
}

/** @returns `null` for the address of another place */
function fileIdIn(uri: unknown): string | null {
  if (typeof uri !== 'string') return null;
  if (uri.startsWith('files/')) return fileInPath.exec(uri)?.[1] ?? null;
  const url = /googleapis/i.test(uri) ? URL.parse(uri) : null;
  return url === null || !host.test(url.hostname)
    ? null
    : (fileInPath.exec(decoded(url.pathname))?.[1] ?? null);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What stands under a name, or the one that stands in the place of a list. */
function listAt(holder: JsonObject, name: string): readonly unknown[] {
  const value = holder[name];
  if (Array.isArray(value)) return value;
  return value === undefined ? nothing : [value];
}

const nothing: readonly unknown[] = Object.freeze([]);

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
