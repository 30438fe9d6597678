import { setTimeout as passed } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

/** Long enough for calls to be seen waiting. */
const answerMs = 300;
let gateway: TestGateway;
afterEach(() => gateway.close());

/** One account that makes one call at a time, each of which takes a while. */
async function startNarrowGateway(limits: object = { maxConcurrency: 1 }): Promise<void> {
  gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
  gateway.simulator.addFault({ provider: 'openai', kind: 'slow_first_byte', delayMs: answerMs });
  await gateway.addAccount('openai', 'sk-sim-one', { limits });
}

async function call(key = gateway.callerKey, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }),
    signal: signal ?? null,
  });
  await response.text();
  return response;
}

async function waiting(): Promise<number> {
  const headers = { authorization: `Bearer ${gateway.adminKey}` };
  const text = await (await fetch(`${gateway.url}/metrics`, { headers })).text();
  return Number(/^pool_queue_depth\{provider="openai"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

const statusesOf = (answers: readonly Response[]): number[] => answers.map(({ status }) => status);

describe('waiting for an account', () => {
  it('a burst is served one after the other, without a refusal', async () => {
    await startNarrowGateway();
    const answers = await Promise.all(Array.from({ length: 6 }, () => call()));
    expect(statusesOf(answers)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(gateway.simulator.report().providers['openai']?.calls).toBe(6);
  });

  it('a caller who floods the pool does not stand in the way of another', async () => {
    await startNarrowGateway();
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'light', scopes: ['call'] });
    const ended: string[] = [];
    const noted = async (who: string, answer: Promise<Response>): Promise<number> => {
      const { status } = await answer;
      if (status === 200) ended.push(who);
      return status;
    };
    const flood = Array.from({ length: 15 }, () => noted('heavy', call()));
    await until(waiting, (count) => count > 5);
    expect(await noted('light', call(String(body['secret'])))).toBe(200);
    await Promise.all(flood);
    expect(ended.lastIndexOf('heavy')).toBeGreaterThan(ended.indexOf('light'));
  });

  it('a caller of four times the weight gets four times as much while both want more than there is', async () => {
    gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
    gateway.simulator.addFault({ provider: 'openai', kind: 'slow_first_byte', delayMs: 20 });
    await gateway.addAccount('openai', 'sk-sim-one', { limits: { maxConcurrency: 2 } });
    const served = new Map<string, number>();
    const stop = new AbortController();
    const flood = async (name: string, weight: number): Promise<void> => {
      const { body } = await gateway.admin('POST', '/api-keys', { name, weight, scopes: ['call'] });
      const lane = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          const { status } = await call(String(body['secret']));
          if (status === 200) served.set(name, (served.get(name) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: 20 }, lane));
    };
    const floods = [flood('heavy', 4), flood('light', 1)];
    const of = (name: string): number => served.get(name) ?? 0;
    const count = (): Promise<number> => Promise.resolve(of('heavy') + of('light'));
    await until(count, (all) => all >= 100);
    const before = new Map(served);
    await until(count, (all) => all >= 300);
    const gained = (name: string): number => of(name) - (before.get(name) ?? 0);
    const share = gained('heavy') / (gained('heavy') + gained('light'));
    stop.abort();
    await Promise.all(floods);
    expect(share).toBeGreaterThan(0.75);
    expect(share).toBeLessThan(0.85);
  }, 60_000);

  it('a client that goes while it waits leaves its place to the next', async () => {
    await startNarrowGateway();
    const first = call();
    await until(
      () => Promise.resolve(gateway.simulator.report().providers['openai']?.calls),
      (calls) => calls === 1,
    );
    const gone = new AbortController();
    const second = call(gateway.callerKey, gone.signal).catch(() => 'gone');
    await until(waiting, (count) => count === 1);
    gone.abort();
    expect(await second).toBe('gone');
    await until(waiting, (count) => count === 0);
    expect((await first).status).toBe(200);
    expect((await call()).status).toBe(200);
    expect(gateway.simulator.report().providers['openai']?.calls).toBe(2);
  });

  it('who comes back after Retry-After is served', async () => {
    await startNarrowGateway({ rpm: 20 });
    const answers = await Promise.all(Array.from({ length: 22 }, () => call()));
    const refused = answers.find(({ status }) => status === 429);
    const seconds = Number(refused?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(3);
    await passed(seconds * 1_000);
    expect((await call()).status).toBe(200);
  });

  it('a pool whose calls may not wait refuses at once', async () => {
    await startNarrowGateway();
    const { body } = await gateway.admin('GET', '/providers');
    const [provider] = body['data'] as { id: string; version: number }[];
    await gateway.admin(
      'PATCH',
      `/providers/${provider?.id}`,
      { settings: { maxWaitMs: 0 } },
      { 'if-match': `"${provider?.version}"` },
    );
    const statuses = statusesOf(await Promise.all([call(), call(), call()]));
    expect(statuses.toSorted()).toEqual([200, 429, 429]);
  });
});
