import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../apps/provider-simulator/src/index.js';
import type { PoolReport } from '../../apps/gateway/src/diag-pool/report.js';

const run = promisify(execFile);
const program = 'dist/apps/gateway/src/diag-pool/main.js';
const keys = ['gsk_one', 'gsk_two', 'gsk_three', 'gsk_four'];
let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ providers: { groq: { keys } } });
});
afterEach(() => simulator.close());

/** Runs the tool with nothing but the static pool in its environment: no database, no data directory. */
async function diagnose(pool: readonly string[], ...flags: string[]): Promise<PoolReport> {
  const { PATH = '' } = process.env;
  const env = { PATH, SIDE_POOL_KEYS: pool.join(','), GROQ_BASE_URL: `${simulator.url}/groq/openai/v1` };
  const { stdout } = await run(process.execPath, [program, '--json', ...flags], { env });
  return JSON.parse(stdout) as PoolReport;
}

describe('diag:pool', () => {
  it('fires 100 concurrent requests: every key is used, evenly, without an error', async () => {
    const report = await diagnose(keys);
    expect(report).toMatchObject({ requests: 100, failed: 0, failOvers: 0, errors: {} });
    for (const { share } of report.keys) expect(Math.abs(share - 0.25)).toBeLessThanOrEqual(0.0125);
    expect(report.entropyRatio).toBeGreaterThanOrEqual(0.999);
    expect(simulator.report().providers['groq']?.calls).toBe(100);
  });

  it('uses different keys for requests in a row', async () => {
    await diagnose(keys, '--requests=4', '--concurrency=1');
    const used = simulator.report().recent.map(({ key }) => key);
    expect(new Set(used).size).toBe(4);
  });

  it('shows a key that is limited as benched, and still no request fails', async () => {
    simulator.addFault({ provider: 'groq', key: 'gsk_one', kind: 'absurd_retry_after' });
    const report = await diagnose(keys, '--concurrency=1');
    expect(report.failed).toBe(0);
    const [limited, ...others] = report.keys;
    expect(limited).toMatchObject({ answered: 0, coolDowns: 1 });
    expect(others.map(({ coolDowns }) => coolDowns)).toEqual([0, 0, 0]);
  });

  it('ends with status 1 when requests fail, and with 2 and a word when there is no key', async () => {
    await expect(diagnose(['gsk_nobody'])).rejects.toMatchObject({ code: 1 });
    await expect(diagnose([])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SIDE_POOL_KEYS'),
    });
  });
});
