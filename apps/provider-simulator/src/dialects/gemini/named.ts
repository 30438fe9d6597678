import { tokensOf } from '../../accounts/token-count.js';
import { isObject } from '../../scenario/shape.js';
import type { InvalidRequest, NothingKept, OperationRequest } from '../dialect.js';
import type { Fields } from '../request-body.js';
import { invalid, textField } from '../request-body.js';
import { showFile } from './files.js';
import { isKept } from './things.js';

/** What a request names is there; with the text of the cache it goes on from. */
export interface Named {
  readonly kind: 'named';
  readonly cachedPrompt: string;
  readonly cachedTokens: number;
}

const nothing: Named = { kind: 'named', cachedPrompt: '', cachedTokens: 0 };
const uri = /^https:\/\/generativelanguage\.googleapis\.com\/v1beta\/files\/([^/]+)$/;

/** Looks up the files and the cache that a request names, with the account whose key it came with. */
export function namedIn(
  fields: Fields,
  { shelf, nowMs, pathModel }: OperationRequest,
): Named | InvalidRequest | NothingKept {
  for (const id of fileIdsIn(fields)) {
    const file = shelf.get('file', id);
    if (file === undefined || !isKept(file, nowMs)) return { kind: 'nothing_kept', what: 'file', id };
    if (showFile(file, nowMs)['state'] !== 'ACTIVE')
      return invalid(`The File ${id} is not in an ACTIVE state and usage is not allowed.`);
  }
  const name = textField(fields, 'cachedContent') || textField(fields, 'cached_content');
  if (name === '') return nothing;
  const id = name.replace(/^cachedContents\//, '');
  const cache = shelf.get('cache', id);
  if (cache === undefined || !isKept(cache, nowMs)) return { kind: 'nothing_kept', what: 'cache', id };
  const { model } = cache.shown;
  if (model !== `models/${pathModel}`) {
    const text = `Model used by GenerateContent request (models/${pathModel}) and CachedContent (${String(model)}) has to be the same.`;
    return invalid(text);
  }
  const cachedPrompt = cache.content?.toString() ?? '';
  return { kind: 'named', cachedPrompt, cachedTokens: tokensOf(cachedPrompt) };
}

/** The files of ours anywhere in a request. */
function fileIdsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fileIdsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'fileUri' || name === 'file_uri'
      ? (uri.exec(String(member))?.slice(1) ?? [])
      : fileIdsIn(member),
  );
}
