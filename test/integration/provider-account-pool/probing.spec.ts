import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import type { ProbeResult } from '#ai-provider';
import { asId } from '#kernel';
import { AccountControl } from '#provider-account-pool';
import { HealthStore } from '../../../libs/provider-account-pool/src/health/health-store.js';
import { HealthBench, rateLimited } from './health-bench.js';
import { actor, aFailure, fail, startMs, succeed } from './pool-process.js';

const minuteMs = 60_000;

describe('probing accounts', () => {
  let bench: HealthBench;

  beforeEach(async () => {
    bench = await HealthBench.open();
  }, startMs);
  afterEach(() => bench.close());

  /** Lets the first turn of everything that is held back come. */
  const comeDue = async (...processes: TestingModule[]): Promise<void> => {
    for (const each of processes) await bench.jobs(each).probe();
    bench.clock.advanceMs(20_000);
  };

  it('brings an open account back to one real call, before its time', async () => {
    bench.openCircuit();
    await comeDue(bench.first);
    await bench.jobs().probe();
    expect(bench.upstream.probed).toEqual(['sk-0123456789']);
    expect(bench.state().machine).toBe('half_open');
    succeed(bench.first);
    expect(bench.state().machine).toBe('closed');
  });

  it('leaves a refused key, a cool-down, and what people turned off alone', async () => {
    fail(bench.first, aFailure());
    await comeDue(bench.first);
    await bench.jobs().probe();
    await bench.first.get(AccountControl).clearCooldown(bench.accountId, actor);
    fail(bench.first, rateLimited);
    await comeDue(bench.first);
    await bench.jobs().probe();
    await bench.first.get(AccountControl).clearCooldown(bench.accountId, actor);
    bench.openCircuit();
    await bench.first.get(AccountControl).disable(bench.accountId, 'x', actor);
    await comeDue(bench.first);
    await bench.jobs().probe();
    expect(bench.upstream.probed).toEqual([]);
  });

  it('is done by one process of several', async () => {
    const other = await bench.start();
    bench.openCircuit();
    bench.openCircuit(other);
    await comeDue(bench.first, other);
    let answer: (result: ProbeResult) => void = () => undefined;
    bench.upstream.answer = () => new Promise((resolve) => (answer = resolve));
    const first = bench.jobs().probe();
    while (bench.upstream.probed.length === 0) await new Promise(setImmediate);
    await bench.jobs(other).probe();
    answer({ ok: true, latencyMs: 1, limits: [] });
    await first;
    expect(bench.upstream.probed).toHaveLength(1);
  });

  it('of who lost its claim meanwhile counts for nothing', async () => {
    bench.openCircuit();
    await bench.jobs().flush();
    const store = bench.first.get(HealthStore);
    const accountId = asId<'Account'>(bench.accountId);
    const late = await store.claimProbe(accountId);
    expect(await store.claimProbe(accountId)).toBeNull();
    await bench.first.get(DataSource).query(`UPDATE account_machine_states SET probe_claimed_until = now()`);
    const next = await store.claimProbe(accountId);
    expect(late !== null && (await store.finishProbe(late, 0))).toBe(false);
    expect(next !== null && (await store.finishProbe(next, minuteMs))).toBe(true);
    expect(await store.claimProbe(accountId)).toBeNull();
  });
});
