import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { forkChild } from './bench-child.js';
import { startGateway } from './gateway.js';
import type { LoadJob, LoadNews } from './load-child.js';
import { measure, type Sample, type Subject } from './measure.js';
import { fullPlan, quickPlan, type BenchCase, type BenchPlan } from './plan.js';
import { reportOf, tableOf, type CaseReport } from './report.js';
import { startUpstream, upstreamKeys } from './upstream.js';

/** What is started is stopped in reverse order, also on Ctrl-C. */
const started: { stop(): Promise<void> }[] = [];

function keep<Started extends { stop(): Promise<void> }>(one: Started): Started {
  started.push(one);
  return one;
}

async function stopAll(): Promise<void> {
  for (const each of started.splice(0).reverse()) await each.stop();
}

async function startSubjects(profileDir: string | undefined): Promise<Subject[]> {
  const upstream = keep(await startUpstream());
  const [upstreamKey = ''] = upstreamKeys;
  const proxy = keep(forkChild<never, { url: string }>('bare-proxy-child.ts', [upstream.url, upstreamKey]));
  const { url: proxyUrl } = await proxy.next();
  const gateway = keep(await startGateway(upstream.url, profiling(profileDir)));
  const path = 'v1/chat/completions';
  const model = 'gpt-4o-mini';
  return [
    {
      name: 'direct',
      pid: null,
      target: (name) => ({ url: `${upstream.url}/${name}/${path}`, key: upstreamKey, model }),
    },
    {
      name: 'bare',
      pid: proxy.pid,
      target: (name) => ({ url: `${proxyUrl}/${name}/${path}`, key: 'any', model }),
    },
    {
      name: 'gateway',
      pid: gateway.pid,
      target: (name) => ({ url: `${gateway.url}/${path}`, key: gateway.apiKey, model: `${name}/${model}` }),
    },
  ];
}

const profiling = (directory: string | undefined): string[] =>
  directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${directory}`];

async function runCase(one: BenchCase, plan: BenchPlan, subjects: readonly Subject[]): Promise<CaseReport> {
  const load = keep(forkChild<LoadJob, LoadNews>('load-child.ts'));
  const samples: Record<Subject['name'], Sample[]> = { direct: [], bare: [], gateway: [] };
  // Thrown away: the engine is still compiling what this case runs through.
  for (const subject of subjects) await measure(subject, one, plan, load);
  for (let round = 0; round < plan.rounds; round++) {
    // Turn about, so that what drifts with time drifts for all.
    const order = round % 2 === 0 ? subjects : subjects.toReversed();
    for (const subject of order) samples[subject.name].push(await measure(subject, one, plan, load));
  }
  await load.stop();
  return reportOf({ case: one, samples });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
      /** Part of the name of the workloads wanted. */
      only: { type: 'string', default: '' },
      /** Directory for a CPU profile of the gateway; it costs some speed. */
      'cpu-profile': { type: 'string' },
    },
  });
  const plan = values.quick ? quickPlan : fullPlan;
  const subjects = await startSubjects(values['cpu-profile']);
  const reports: CaseReport[] = [];
  for (const one of plan.cases.filter(({ workload }) => workload.name.includes(values.only))) {
    process.stderr.write(`${one.workload.name}, ${one.connections} connections\n`);
    reports.push(await runCase(one, plan, subjects));
  }
  const { rounds, measureMs } = plan;
  const about = { node: process.version, cpus: availableParallelism(), rounds, measureMs };
  if (values.json) process.stdout.write(`${JSON.stringify({ ...about, reports }, null, 2)}\n`);
  else
    process.stdout.write(
      `${tableOf(reports)}\n\nMedians of ${rounds} rounds of ${measureMs} ms in turns; node ${process.version}, ${about.cpus} CPUs.\n`,
    );
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(130)));
}
try {
  await main();
} catch (error) {
  process.stderr.write(`The bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
