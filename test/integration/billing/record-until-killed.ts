import { randomUUID } from 'node:crypto';
import { UsageRecorder } from '#billing';
import { asId, Secret } from '#kernel';
import { usage } from '../../../libs/billing/src/usage-record.fixture.js';
import { startBilling } from './billing-app.js';

const perTurn = 20;

/** Records without end and prints the id of each record whose turn is over: those must survive whatever comes. */
export async function recordUntilKilled(url: string, dataDir: string): Promise<void> {
  const recorder = (await startBilling(new Secret(url), dataDir)).get(UsageRecorder);
  for (;;) {
    const ids = Array.from({ length: perTurn }, () => randomUUID());
    for (const id of ids) recorder.record(usage({ id: asId(id) }));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    await print(ids);
  }
}

/** Waits until the reader has room: it may be slower than we are. */
function print(lines: readonly string[]): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, () => resolve()));
}
