import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { officialClients } from './clients.js';
import { complaints } from './complaints.js';
import { gatherEvidence } from './gather-evidence.js';
import { progressBar } from './progress-bar.js';
import { report } from './report.js';
import { seed } from './seed.js';
import { sendTraffic } from './send-traffic.js';
import { setStage, type Stage } from './stage.js';

const plan = { calls: 300, concurrency: 24 };

/** Exit status of a program that was interrupted, as shells count it. */
const interruptedStatus = 130;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * The whole show. Whatever was started is stopped again on every way out.
 *
 * @returns whether no caller saw an error and all figures agree
 * @throws Error when something does not start; the reason of the interruption
 */
async function demo(isOnce: boolean, interrupted: AbortSignal): Promise<boolean> {
  await using resources = new AsyncDisposableStack();
  say('Starting the provider simulator, and a gateway with its embedded Postgres ...');
  const stage = await setStage(resources, interrupted);
  const callerKey = await seed(stage.admin);
  say(`Sending ${plan.calls} calls by the official OpenAI, Anthropic and Google clients ...`);
  const clients = officialClients(stage.gatewayUrl, callerKey);
  const traffic = await sendTraffic(clients, plan, interrupted, progressBar(process.stdout, plan.calls));
  const evidence = await gatherEvidence(stage, traffic);
  say(`\n${report(evidence)}`);
  const found = complaints(evidence);
  if (found.length > 0) say(`${['NOT as it should be:', ...found].join('\n  ')}\n\n${stage.gateway.log}`);
  if (!isOnce) await stayUp(stage, callerKey, interrupted);
  return found.length === 0;
}

async function stayUp(
  { gatewayUrl, simulator, adminKey }: Stage,
  callerKey: string,
  interrupted: AbortSignal,
): Promise<void> {
  say(`Everything stays up until Ctrl-C:

  API documentation   ${gatewayUrl}/docs
  Simulator's report  ${simulator.url}/_control/report
  Admin key           ${adminKey}
  Caller's key        ${callerKey}

  curl ${gatewayUrl}/admin/v1/accounts -H 'authorization: Bearer ${adminKey}'
  curl ${gatewayUrl}/v1/chat/completions -H 'authorization: Bearer ${callerKey}' -H 'content-type: application/json' \\
    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'
`);
  if (!interrupted.aborted) await once(interrupted, 'abort');
  say('\nStopping ...');
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`Interrupted by ${signal}`)));
}
try {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  process.exitCode = (await demo(values.once, interruption.signal)) ? 0 : 1;
} catch (error) {
  const { aborted, reason } = interruption.signal;
  const cause: unknown = aborted ? reason : error;
  process.stderr.write(`\n${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = aborted ? interruptedStatus : 1;
}
process.exit();
