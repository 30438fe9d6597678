import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  AiProviderModule,
  UpstreamClient,
  type ByteSink,
  type CallSignal,
  type ModelsResult,
  type ProbeResult,
  type StreamEnd,
  type UpstreamAnswer,
  type UpstreamAttempt,
} from '#ai-provider';
import { UsageRecorder, type UsageRecord } from '#billing';
import { CLOCK, DomainError, noTokens, RANDOM, Secret, type FailureClass, type LimitReading } from '#kernel';
import { ObservabilityModule } from '#observability';
import { AccountScheduler, ProviderAccountPoolModule } from '#provider-account-pool';
import { aModelCall } from '../../../test/support/a-model-call.js';
import { AiRoutingModule } from './ai-routing.module.js';
import { RelayCall } from './relay-call.js';
import type { RelayAnswer, RelayRequest } from './relay-contract.js';
import { RouteTable } from './route-table.js';

/** Answers each attempt with what the spec says of its key. */
class ScriptedUpstream extends UpstreamClient {
  readonly keys: string[] = [];
  answerOf: (key: string, signal: CallSignal) => UpstreamAnswer | Promise<UpstreamAnswer> = () => complete();

  /** What the head of each answer says of limits, ahead of the answer. */
  limits: readonly LimitReading[] = [];

  async send({ target, listener }: UpstreamAttempt, signal: CallSignal): Promise<UpstreamAnswer> {
    const key = target.credential.reveal();
    this.keys.push(key);
    if (this.limits.length > 0) listener?.noteLimits(this.limits);
    return this.answerOf(key, signal);
  }

  probe(): Promise<ProbeResult> {
    return Promise.resolve({ ok: true, latencyMs: 1, limits: [] });
  }

  models(): Promise<ModelsResult> {
    return Promise.resolve({ kind: 'unsupported' });
  }
}

class KeptUsage extends UsageRecorder {
  readonly records: UsageRecord[] = [];

  record(usage: UsageRecord): void {
    this.records.push(usage);
  }
}

const nowMs = 1_790_000_000_000;
const upstream = new ScriptedUpstream();
const usage = new KeptUsage();

@Global()
@Module({
  providers: [
    { provide: CLOCK, useValue: { nowMs: () => nowMs } },
    { provide: RANDOM, useValue: () => 0.5 },
    { provide: UsageRecorder, useValue: usage },
  ],
  exports: [CLOCK, RANDOM, UsageRecorder],
})
class Surroundings {}

let module: TestingModule;
let relayCall: RelayCall;

beforeEach(async () => {
  upstream.keys.length = 0;
  upstream.limits = [];
  usage.records.length = 0;
  const keys = ['a', 'b', 'c', 'd'].map((key) => ({ provider: 'groq', key: new Secret(key) }));
  const spare = { provider: 'openai', key: new Secret('spare') };
  module = await Test.createTestingModule({
    imports: [
      Surroundings,
      ScheduleModule.forRoot(),
      ObservabilityModule.forRoot({ level: 'silent' }),
      AiProviderModule.forRoot({
        privateUpstreams: 'allow',
        connectTimeoutMs: 1000,
        firstByteTimeoutMs: 1000,
        idleTimeoutMs: 1000,
      }),
      ProviderAccountPoolModule.forRoot({
        storage: 'none',
        staticPool: { singleKeys: [], keys: [...keys, spare], coolDownMs: 300_000 },
      }),
      AiRoutingModule.forRoot({ storage: 'none' }),
    ],
  })
    .overrideProvider(UpstreamClient)
    .useValue(upstream)
    .compile();
  await module.init();
  relayCall = module.get(RelayCall);
  module
    .get(RouteTable)
    .replace(
      new Map([
        [
          'chained',
          [[{ provider: 'groq', model: 'm', weight: 1 }], [{ provider: 'openai', model: 'n', weight: 1 }]],
        ],
      ]),
    );
});
afterEach(() => module.close());

function complete(): UpstreamAnswer {
  const body = Buffer.from('{"ok":true}');
  const tokens = { ...noTokens, input: 3, output: 4 };
  return { kind: 'complete', status: 200, headers: {}, body, usage: tokens, limits: [], firstByteMs: 5 };
}

function failed(failure: FailureClass, status = 500, body = '{"error":{"message":"no"}}'): UpstreamAnswer {
  return {
    kind: 'failed',
    failure: { class: failure, scope: 'account', rule: `test.${failure}`, retryAfterMs: null },
    answer: { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) },
    limits: [],
    durationMs: 5,
  };
}

function relay(more: Partial<RelayRequest> = {}, model = 'groq/m'): Promise<RelayAnswer> {
  return relayCall.relay({
    call: aModelCall({ model }),
    caller: { apiKeyId: null, weight: 1, permit: null, meter: null },
    tags: { team: 'x' },
    noFallback: false,
    affinity: null,
    signal: new AbortController().signal,
    deadlineMs: Infinity,
    ...more,
  });
}

const inFlight = (): number | null =>
  module.get(AccountScheduler).poolReport('groq').capacity.concurrency.remaining;

describe('RelayCall', () => {
  it('answers with the first account that can, and records the call once', async () => {
    const answer = await relay();
    expect(answer).toMatchObject({ kind: 'complete', status: 200, by: { attempts: 1, provider: 'groq' } });
    expect(usage.records).toHaveLength(1);
    expect(usage.records[0]).toMatchObject({
      status: 200,
      tokens: { input: 3, output: 4 },
      tags: { team: 'x' },
    });
  });

  it.each([
    'rate_limited',
    'authentication',
    'quota_exhausted',
    'permission',
    'server_error',
    'timeout',
    'transport',
  ] as const)('goes on after %s, and tries no account twice', async (failure) => {
    upstream.answerOf = (key) => (key === 'd' ? complete() : failed(failure));
    expect(await relay()).toMatchObject({ kind: 'complete', status: 200 });
    expect(new Set(upstream.keys).size).toBe(upstream.keys.length);
    expect(usage.records[0]?.attempts).toHaveLength(upstream.keys.length);
  });

  it('calls no account whose last answer, still under way, has said that nothing is left', async () => {
    upstream.limits = [{ unit: 'requests', window: 'day', limit: 9, remaining: 0, resetAtMs: null }];
    const ended = Promise.withResolvers<UpstreamAnswer>();
    upstream.answerOf = (key) => (key === 'spare' ? complete() : ended.promise);
    const underWay = Array.from({ length: 4 }, () => relay());
    expect(await relay({}, 'chained')).toMatchObject({ kind: 'complete', by: { provider: 'openai' } });
    expect(upstream.keys.toSorted()).toEqual(['a', 'b', 'c', 'd', 'spare']);
    ended.resolve(complete());
    await Promise.all(underWay);
  });

  it('goes on to the next tier of the route when no account of the first is left', async () => {
    upstream.answerOf = (key) => (key === 'spare' ? complete() : failed('rate_limited', 429));
    expect(await relay({}, 'chained')).toMatchObject({ kind: 'complete', by: { provider: 'openai' } });
    expect(upstream.keys.at(-1)).toBe('spare');
  });

  it('hands a fault of the caller back as the provider said it, after one attempt', async () => {
    upstream.answerOf = () => failed('context_length', 400, '{"error":{"message":"too long"}}');
    const answer = await relay();
    expect(answer).toMatchObject({ kind: 'complete', status: 400 });
    expect(answer.kind === 'complete' && answer.body.toString()).toContain('too long');
    expect(upstream.keys).toHaveLength(1);
  });

  it('hands back what every account refused because of the request alone', async () => {
    upstream.answerOf = () => {
      const answer = failed('rate_limited', 413, '{"error":{"message":"request too large for the limit"}}');
      return answer.kind === 'failed'
        ? { ...answer, failure: { ...answer.failure, scope: 'request' } }
        : answer;
    };
    expect(await relay()).toMatchObject({ kind: 'complete', status: 413, by: { attempts: 4 } });
    upstream.answerOf = () => complete();
    expect(await relay()).toMatchObject({ kind: 'complete', status: 200 });
  });

  it('makes one attempt only when the caller wants no fall-back', async () => {
    upstream.answerOf = () => failed('server_error');
    expect(await relay({ noFallback: true })).toMatchObject({
      kind: 'refused',
      error: { code: 'upstream_failed' },
    });
    expect(upstream.keys).toHaveLength(1);
  });

  it('an ill pool uses up its own retry budget; the next target of the route still gets the call', async () => {
    upstream.answerOf = (key) => (key === 'spare' ? complete() : failed('server_error'));
    for (let i = 0; i < 30; i += 1) await relay();
    upstream.keys.length = 0;
    expect(await relay({}, 'chained')).toMatchObject({ kind: 'complete', by: { provider: 'openai' } });
  });

  it('says when to come back once every account has been limited', async () => {
    upstream.answerOf = () => failed('rate_limited', 429);
    const answer = await relay();
    expect(answer).toMatchObject({ kind: 'refused', error: { code: 'pool_exhausted' } });
    const seconds = answer.kind === 'refused' ? (answer.error.details.retryAfterSeconds ?? 0) : 0;
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(usage.records[0]).toMatchObject({ status: 429 });
  });

  it('knows no model that no route and no pool serves', async () => {
    expect(await relay({}, 'nothing')).toMatchObject({ kind: 'refused', error: { code: 'model_not_found' } });
    expect(usage.records[0]).toMatchObject({ status: 404, attempts: [] });
  });

  it('answers with the deadline when the deadline ends it, and with nothing when the client has gone', async () => {
    upstream.answerOf = () => ({ kind: 'aborted', durationMs: 5 });
    const late = AbortSignal.abort(new DomainError('upstream_timeout', 'late'));
    expect(await relay({ signal: late })).toMatchObject({
      kind: 'refused',
      error: { code: 'upstream_timeout' },
    });
    expect(await relay({ signal: AbortSignal.abort('gone') })).toEqual({ kind: 'client_gone' });
    expect(usage.records.map(({ status }) => status)).toEqual([504, 499]);
  });

  it.each([
    ['completed', 200, null],
    ['failed', 200, 'server_error'],
    ['aborted', 499, 'aborted'],
  ] as const)('records a stream that %s when it has ended', async (kind, status, failure) => {
    const { failure: why } = failed('server_error') as Extract<UpstreamAnswer, { kind: 'failed' }>;
    const end: StreamEnd = {
      kind,
      usage: { ...noTokens, output: 9 },
      failure: kind === 'failed' ? why : null,
      durationMs: 7,
    };
    const stream = { pipe: (_sink: ByteSink) => Promise.resolve(end), cancel: () => end };
    upstream.answerOf = () => ({
      kind: 'stream',
      status: 200,
      headers: {},
      stream,
      slow: null,
      limits: [],
      firstByteMs: 2,
    });
    const answer = await relay();
    expect(usage.records).toHaveLength(0);
    if (answer.kind === 'stream') await answer.pipe({ write: () => true, drained: () => Promise.resolve() });
    expect(usage.records).toMatchObject([{ status, tokens: { output: 9 }, attempts: [{ class: failure }] }]);
  });

  it('gives every slot back, whatever became of the call', async () => {
    const before = inFlight();
    const fates = [
      complete(),
      failed('server_error'),
      failed('invalid_request', 400),
      { kind: 'aborted', durationMs: 1 } as const,
    ];
    for (const fate of fates) {
      upstream.answerOf = () => fate;
      await relay();
    }
    expect(inFlight()).toBe(before);
  });
});
