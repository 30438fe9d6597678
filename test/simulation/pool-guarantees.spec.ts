import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

interface Verdict {
  readonly bar: { readonly label: string; readonly kind: string; readonly target: number };
  readonly reached: number;
  readonly holds: boolean;
}
interface Report {
  readonly name: string;
  readonly verdicts: readonly Verdict[];
}

const hooks = new URL('../support/import-typescript.js', import.meta.url).pathname;
const main = new URL('main.ts', import.meta.url).pathname;

/** Runs outside of Jest, whose module system makes every look at `Math` or `Infinity` slow. */
async function simulate(): Promise<Report[]> {
  const run = promisify(execFile);
  const options = ['--import', hooks, main, '--brief', '--json', '--no-peers', '--seeds', '11,12'];
  const { stdout } = await run(process.execPath, options, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Report[];
}

describe('the pool in the simulation, with every seed', () => {
  const reports = new Map<string, Report>();

  beforeAll(async () => {
    for (const report of await simulate()) reports.set(report.name, report);
  }, 240_000);

  it.each([
    ['serves everything at once at half of its limits, and wastes nothing', 'load 0.5'],
    ['serves everything at once at four fifths of its limits, and wastes nothing', 'load 0.8'],
    ['serves everything at once just below its limits, and wastes nothing', 'load 0.95'],
    ['uses up limits it knows without being refused', 'overload, limits known'],
    ['uses up limits it was told wrong without being refused', 'overload, limits 30 % wrong'],
    ['uses up limits it was not told without being refused', 'overload, limits unset'],
    ['uses up limits it knows of a provider without headers', 'overload, no headers'],
    ['serves everything at once below limits on answers', 'answers limited'],
    ['hears of limits that are halved before it is refused', 'overload, limits halved'],
    ['spends no more than a budget, but for what calls cost beyond what was expected', 'budget spent'],
    ['leaves the second tier alone while the first has room', 'tiers'],
    ['finds the warm account of a conversation', 'conversations'],
    ['sends nothing more to an account whose key is known to be revoked', 'key revoked'],
    ['sends nothing more to an account whose credit is known to be spent', 'credit spent'],
    ['holds nothing when an outage of all is over', 'outage of all'],
    ['holds nothing when a brown-out of all is over', 'brown-out of all'],
    ['holds nothing when a storm of 429s is over', 'storm of 429s'],
  ])('%s', (_guarantee, name) => {
    const report = reports.get(name);
    expect(report?.verdicts.length).toBeGreaterThan(0);
    expect(report?.verdicts.filter(({ holds }) => !holds)).toEqual([]);
  });
});
