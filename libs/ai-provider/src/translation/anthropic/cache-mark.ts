import { isRecord } from '../../json-value.js';
import type { CacheMark } from '../conversation.js';
import type { Fields } from '../fields.js';

/** Takes `cache_control`, which changes no answer; a life that is not told is five minutes. */
export function takeCacheMark(fields: Fields): { readonly cache?: CacheMark } {
  const mark = fields.take('cache_control');
  if (mark === undefined) return {};
  return { cache: isRecord(mark) && mark['ttl'] === '1h' ? '1h' : '5m' };
}
