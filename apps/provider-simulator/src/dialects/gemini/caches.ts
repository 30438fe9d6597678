import { promptText, tokensOf } from '../../accounts/token-count.js';
import { json } from '../answers.js';
import type { Operation } from '../dialect.js';
import { aboutKept } from '../keeping.js';
import type { Fields } from '../request-body.js';
import { invalid, jsonOperation, textField } from '../request-body.js';
import { namedIn } from './named.js';
import { instant, listing, onLiving, removal } from './things.js';

const usualTtlMs = 3_600_000;

/** When a cache ends: at the instant or after the time that the caller names. */
function endOf(fields: Fields, nowMs: number): string {
  const at = textField(fields, 'expireTime') || textField(fields, 'expire_time');
  if (at !== '') return instant(Date.parse(at));
  const seconds = Number.parseFloat(textField(fields, 'ttl'));
  return instant(nowMs + (seconds > 0 ? seconds * 1000 : usualTtlMs));
}

const create = jsonOperation('caches', (fields, request) => {
  const model = textField(fields, 'model');
  if (!/^models\/[^/]+$/.test(model))
    return invalid('* CreateCachedContentRequest.model: unexpected model name format');
  const named = namedIn(fields, request);
  if (named.kind !== 'named') return named;
  const prompt =
    promptText(fields['systemInstruction']) + promptText(fields['contents']) + promptText(fields['tools']);
  return aboutKept(({ id, nowMs }) => {
    const displayName = textField(fields, 'displayName') || textField(fields, 'display_name');
    const shown = {
      name: `cachedContents/${id}`,
      model,
      createTime: instant(nowMs),
      updateTime: instant(nowMs),
      expireTime: endOf(fields, nowMs),
      displayName,
      usageMetadata: { totalTokenCount: tokensOf(prompt) },
    };
    request.shelf.put(id, { kind: 'cache', shown, content: Buffer.from(prompt) });
    return json(shown);
  });
});

const change: Operation = {
  name: 'caches',
  read(request) {
    return jsonOperation('caches', (fields) =>
      onLiving('cache', (thing, { shelf, id, nowMs }) => {
        const changes = { expireTime: endOf(fields, nowMs), updateTime: instant(nowMs) };
        const renewed = { ...thing, shown: { ...thing.shown, ...changes } };
        shelf.put(id, renewed);
        return json(renewed.shown);
      }).read(request),
    ).read(request);
  },
};

/** `/v1beta/cachedContents`. What is cached is never shown. */
export const caches: Readonly<Record<string, Operation>> = {
  'POST /v1beta/cachedContents': create,
  'GET /v1beta/cachedContents': listing('cache', 'cachedContents', ({ shown }) => shown),
  'GET /v1beta/cachedContents/{id}': onLiving('cache', ({ shown }) => json(shown)),
  'PATCH /v1beta/cachedContents/{id}': change,
  'DELETE /v1beta/cachedContents/{id}': removal('cache'),
};
