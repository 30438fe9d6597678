import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../../libs/api-keys/src/limits/limit-store.provider.js';
import { MemoryLimitStore } from '../../../libs/api-keys/src/limits/memory-limit-store.js';
import { RedisLimitStore } from '../../../libs/api-keys/src/limits/redis-limit-store.js';
import type { Logger } from '#observability';
import { limitStoreContract } from '../../support/limit-store.contract.js';
import { until } from '../../support/until.js';
import { hasRedis, startRedis, type RedisServer } from '../../support/redis-server.js';

const withRedis = hasRedis ? describe : describe.skip;
/** Once it is told; an error on the way there is none. */
const told = (redis: ReturnType<typeof connect>, event: 'ready' | 'close'): Promise<void> =>
  new Promise((resolve) => void redis.once(event, () => resolve()));

const limits = { rpm: null, tpm: null, maxConcurrency: null };

withRedis('with a Redis', () => {
  let server: RedisServer & { port: number };
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.kill());

  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });

  async function open(nowMs: () => number) {
    const redis = connect(server.url);
    await told(redis, 'ready');
    const clock = { nowMs };
    const store = new RedisLimitStore({ redis, local: new MemoryLimitStore(clock), clock, logger });
    const close = (): Promise<void> => {
      store.close();
      redis.disconnect();
      return Promise.resolve();
    };
    opened.push(close);
    return { store, redis, close };
  }

  limitStoreContract('limits in Redis', async (nowMs) => {
    const { store, redis, close } = await open(nowMs);
    await redis.flushall();
    // Commands of one connection are done in turn.
    return { store, close, settled: async () => void (await redis.ping()) };
  });

  it('replicas share what a key may use', async () => {
    const [one, other] = await Promise.all([open(() => 0), open(() => 0)]);
    await one.redis.flushall();
    const take = ({ store }: typeof one, callId: string) =>
      store.take({ subject: 'shared', callId, limits: { ...limits, rpm: 3, maxConcurrency: 2 }, tokens: 0 });
    const first = await take(one, 'a');
    expect((await take(other, 'b')).kind).toBe('taken');
    expect(await take(one, 'c')).toMatchObject({ kind: 'refused', by: 'maxConcurrency' });
    if (first.kind === 'taken') first.settle(0);
    await one.redis.ping();
    expect((await take(other, 'd')).kind).toBe('taken');
    expect(await take(one, 'e')).toMatchObject({ kind: 'refused', by: 'rpm' });
    await Promise.all([one.close(), other.close()]);
  });

  it('the slots of a process that was killed are free half a minute later', async () => {
    let nowMs = 0;
    const [killed, living] = await Promise.all([open(() => nowMs), open(() => nowMs)]);
    await living.redis.flushall();
    const take = ({ store }: typeof killed, callId: string) =>
      store.take({ subject: 'lost', callId, limits: { ...limits, maxConcurrency: 1 }, tokens: 0 });
    expect((await take(killed, 'a')).kind).toBe('taken');
    await killed.close();
    nowMs = 29_000;
    expect((await take(living, 'b')).kind).toBe('refused');
    nowMs = 30_000;
    expect((await take(living, 'c')).kind).toBe('taken');
    await living.close();
  });

  it('its loss refuses nobody: each process counts for itself, says so once, and goes back when it can', async () => {
    const { store, redis, close } = await open(() => 0);
    await redis.flushall();
    const take = (callId: string) =>
      store.take({ subject: 'orphan', callId, limits: { ...limits, rpm: 1 }, tokens: 0 });
    expect((await take('a')).kind).toBe('taken');
    expect((await take('b')).kind).toBe('refused');
    const gone = told(redis, 'close');
    await server.kill();
    await gone;
    lines.length = 0;
    expect((await take('c')).kind).toBe('taken');
    expect(await take('d')).toMatchObject({ kind: 'refused', by: 'rpm' });
    expect(lines).toEqual(['Redis is away: each process counts the limits of keys for itself']);
    const back = told(redis, 'ready');
    server = await startRedis(server.port);
    await back;
    expect((await take('e')).kind).toBe('taken');
    expect(lines.at(-1)).toBe('Redis is back: the limits of keys are counted together again');
    await close();
  });

  it('its hanging refuses nobody, makes no more than the first wait, and leaves no slot taken', async () => {
    const { store, redis } = await open(() => 0);
    await redis.flushall();
    let calls = 0;
    const call = async (): Promise<void> => {
      const hold = await store.take({
        subject: 'patient',
        callId: `call-${(calls += 1)}`,
        limits: { ...limits, maxConcurrency: 1 },
        tokens: 0,
      });
      expect(hold.kind).toBe('taken');
      if (hold.kind === 'taken') hold.settle(0);
    };
    await call();
    server.pause();
    try {
      lines.length = 0;
      const startMs = performance.now();
      for (let at = 0; at < 100; at += 1) await call();
      // Each for itself would have waited a quarter of a second.
      expect(performance.now() - startMs).toBeLessThan(10_000);
      expect(lines).toEqual(['Redis is away: each process counts the limits of keys for itself']);
    } finally {
      server.resume();
    }
    await until(call, () => lines.length > 1);
    expect(lines.at(-1)).toBe('Redis is back: the limits of keys are counted together again');
    await call();
  });
});
