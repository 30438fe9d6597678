import type { JsonObject } from '../read-json.js';
import { mostReferences, tooManyReferences, type ObjectReference } from './object-bindings.js';

const none: readonly ObjectReference[] = Object.freeze([]);
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
  found.lookAtEach(json['generateContentRequest']);
  found.lookAtEach(json['generate_content_request']);
  found.lookAtEach(json['requests']);
  return found.references;
}

const cachePrefix = 'cachedContents/';

/**
 * Collects; a request that names nothing, as nearly all, leaves no trace. Members are read by names that stand in the code: by
 * names in a list it would take eight times as long.
 */
class Found {
  private byName: Map<string, ObjectReference> | null = null;

  get references(): readonly ObjectReference[] {
    return this.byName === null ? none : [...this.byName.values()];
  }

  lookAtEach(requests: unknown): void {
    if (requests === undefined) return;
    for (const request of listOf(requests)) if (isRecord(request)) this.lookAt(request);
  }

  lookAt(request: JsonObject): void {
    this.noteCache(request['cachedContent'], 'cachedContent');
    this.noteCache(request['cached_content'], 'cached_content');
    this.lookAtContents(request['contents']);
    this.lookAtContents(request['content']);
    this.lookAtContents(request['systemInstruction']);
    this.lookAtContents(request['system_instruction']);
  }

  private lookAtContents(contents: unknown): void {
    if (contents === undefined) return;
    for (const content of listOf(contents)) if (isRecord(content)) this.lookAtParts(content['parts'], false);
  }

  /** Results of functions hold such parts, too, but no further results. */
  private lookAtParts(parts: unknown, isResult: boolean): void {
    if (parts === undefined) return;
    for (const part of listOf(parts)) {
      if (!isRecord(part)) continue;
      this.noteFile(part['fileData']);
      this.noteFile(part['file_data']);
      if (isResult) continue;
      const camel = part['functionResponse'];
      const snake = part['function_response'];
      if (isRecord(camel)) this.lookAtParts(camel['parts'], true);
      if (isRecord(snake)) this.lookAtParts(snake['parts'], true);
    }
  }

  private noteFile(data: unknown): void {
    if (!isRecord(data)) return;
    this.noteUri(data['fileUri'], 'fileUri');
    this.noteUri(data['file_uri'], 'file_uri');
  }

  private noteUri(uri: unknown, field: string): void {
    const id = typeof uri === 'string' ? fileIdIn(uri) : null;
    if (id !== null) this.note({ kind: 'gemini_files', id, field });
  }

  private noteCache(name: unknown, field: string): void {
    if (typeof name !== 'string' || !name.startsWith(cachePrefix)) return;
    this.note({ kind: 'gemini_caches', id: name.slice(cachePrefix.length), field });
  }

  private note(reference: ObjectReference): void {
    this.byName ??= new Map();
    this.byName.set(`${reference.kind} ${reference.id}`, reference);
    if (this.byName.size > mostReferences) throw tooManyReferences(reference.field);
  }
}

/** @returns `null` for the address of another place */
function fileIdIn(uri: string): string | null {
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

/** A list, or the one that stands in its place. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
