import { admit, release } from '../accounts/admit.js';
import type { Account } from '../accounts/account.js';
import type { Answer, Reading, Refusal, Serving } from '../dialects/dialect.js';
import type { Fault } from '../scenario/fault.js';
import { composeOutput, noOutput } from './compose-output.js';
import type { Exchange } from './exchange.js';

const yearSeconds = '31536000';

/** What becomes of a call. */
export type Decision =
  | {
      readonly kind: 'refuse';
      readonly refusal: Refusal;
      readonly headers?: Readonly<Record<string, string>>;
      /** Says nothing about limits. */
      readonly isSilent?: boolean;
    }
  | { readonly kind: 'html_502' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'answer'; readonly answer: Answer; readonly serving: Serving };

const noModel = { kind: 'invalid', message: 'you must provide a model parameter', param: 'model' } as const;

const refuse = (refusal: Refusal): Decision => ({ kind: 'refuse', refusal });

/** Decides about a call whose body has arrived; what it admits is taken from the account's limits. */
export function decide(exchange: Exchange, body: Buffer | undefined): Decision {
  const { account, request, address, world } = exchange;
  const { provider, path, query } = address;
  const nowMs = world.clock.nowMs();
  const locked = keyRefusal(exchange, nowMs);
  if (locked !== undefined) return refuse(locked);
  if (body === undefined || account === undefined) return refuse({ kind: 'body_too_large' });
  if (!isProven(exchange, account, body, nowMs))
    return refuse({ kind: 'key_not_accepted', presented: account.spec.key, isUnproven: true });
  const method = request.method ?? '';
  const route = provider.dialect.route(method, path);
  if (!route) return refuse({ kind: 'no_such_path', method, path });
  const { operation, pathModel } = route;
  const reading = operation.read({
    headers: request.headers,
    body,
    pathModel,
    query,
    baseUrl: `http://${request.headers.host ?? ''}/${provider.name}`,
    nowMs,
    shelf: account.shelf,
    models: provider.models,
  });
  if (reading.kind !== 'reading') return refuse(reading);
  if (reading.model === '' && reading.cost !== 'free') return refuse(noModel);
  exchange.model = reading.model;
  exchange.streamed = reading.streamed;
  if (reading.model !== '' && !provider.serves(reading.model, account)) {
    return refuse({ kind: 'model_unknown', model: reading.model });
  }
  exchange.fault = world.faults.strike(
    {
      provider: provider.name,
      key: account.spec.key,
      model: reading.model,
      operation: operation.name,
      streamed: reading.streamed,
    },
    nowMs,
  );
  return spoil(exchange, exchange.fault) ?? serve(exchange, account, reading, nowMs);
}

/** Why a key opens nothing. */
function keyRefusal({ account, presentedKey }: Exchange, nowMs: number): Refusal | undefined {
  if (presentedKey === undefined) return { kind: 'no_key' };
  return account?.isAccepted(nowMs) ? undefined : { kind: 'key_not_accepted', presented: presentedKey };
}

/** A key without a secret proves itself. */
function isProven({ request, address }: Exchange, { spec }: Account, body: Buffer, nowMs: number): boolean {
  const { isProven } = address.provider.dialect;
  const { method = '', url = '', headers } = request;
  return (
    spec.secret === undefined || (isProven?.(spec.secret, { method, url, headers, body }, nowMs) ?? true)
  );
}

/** What a fault puts in place of an answer; undefined when there will be one. */
function spoil({ world, address }: Exchange, fault: Fault | undefined): Decision | undefined {
  switch (fault?.kind) {
    case 'status':
      return refuse({ kind: 'status', status: fault.status });
    case 'html_502':
    case 'hang':
      return { kind: fault.kind };
    case 'reset_before_headers':
      return { kind: 'reset' };
    case 'rate_limited_no_hint':
      return { kind: 'refuse', refusal: { kind: 'rate_limited_no_hint' }, isSilent: true };
    case 'absurd_retry_after':
      return {
        kind: 'refuse',
        refusal: { kind: 'rate_limited_no_hint' },
        isSilent: true,
        headers: { 'retry-after': fault.retryAfter ?? yearSeconds },
      };
    case 'brown_out':
      return world.random() < (fault.errorShare ?? 0.5)
        ? refuse({ kind: 'status', status: address.provider.dialect.overloadedStatus })
        : undefined;
    default:
      return undefined;
  }
}

/** Tokens the model would like to say: the request's own wish, else the scenario's. */
function wantedTokens({ request, address }: Exchange): number {
  const asked = Number(request.headers['x-sim-chunks']);
  if (Number.isInteger(asked) && asked > 0) return Math.min(asked, 100_000);
  return address.provider.output.tokens ?? 10;
}

function serve(exchange: Exchange, account: Account, reading: Reading, nowMs: number): Decision {
  const { cache } = account.organisation;
  const output =
    reading.cost === 'generation'
      ? composeOutput(wantedTokens(exchange), reading.maxOutputTokens, reading.tool, reading.answerSchema)
      : noOutput;
  const beginnings = reading.cacheable ? cache.beginnings(reading.prompt, reading.inputTokens) : [];
  const cached = Math.max(cache.warmTokens(beginnings, nowMs), reading.cachedTokens);
  const usage =
    reading.cost === 'free'
      ? { input: 0, cached: 0, output: 0 }
      : { input: reading.inputTokens, cached, output: output.pieces.length };
  if (reading.cost !== 'free') {
    const cost = {
      requests: 1,
      tokens: usage.input + usage.output,
      inputTokens: usage.input - cached,
      outputTokens: usage.output,
    };
    const refusal = admit(account, cost, nowMs);
    if (refusal) return refuse(refusal);
    exchange.onEnd = () => release(account);
    cache.keepWarm(beginnings, nowMs);
  }
  const cacheWritten = Math.max(0, cache.tokensOf(beginnings) - cached);
  const serving: Serving = { id: exchange.id, nowMs, model: reading.model, usage, cacheWritten, output };
  return { kind: 'answer', serving, answer: reading.answer(serving) };
}
