import { setTimeout as delay } from 'node:timers/promises';
import { accountRows, type Account, type UsageRecord } from './account-rows.js';
import { cast } from './cast.js';
import type { Evidence } from './complaints.js';
import type { Traffic } from './send-traffic.js';
import type { Stage } from './stage.js';
import { sightings } from './witness.js';

interface List<T> {
  readonly data: readonly T[];
}

const ledgerTimeoutMs = 10_000;
const pollMs = 100;

/** Asks the gateway and the simulator what happened. @throws Error when the admin API refuses to tell */
export async function gatherEvidence({ admin, simulator }: Stage, traffic: Traffic): Promise<Evidence> {
  const records = await recordsOnceWritten(
    () => admin.get<List<UsageRecord>>('/usage/records?limit=500'),
    traffic.calls,
  );
  const { data: accounts } = await admin.get<List<Account>>('/accounts?limit=500');
  const seen = sightings(simulator.report().recent);
  return {
    traffic,
    rows: accountRows(inOrderOfCast(accounts), records),
    recorded: records.length,
    seen: new Map(
      cast.flatMap(({ accounts: played }) =>
        played.map(({ name, credential }) => [name, seen.get(credential) ?? { answered: 0, rateLimited: 0 }]),
      ),
    ),
  };
}

/** Usage never delays an answer: the records reach the ledger a moment after the calls. */
async function recordsOnceWritten(
  read: () => Promise<List<UsageRecord>>,
  expected: number,
): Promise<readonly UsageRecord[]> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const { data } = await read();
    if (data.length >= expected || waitedMs >= ledgerTimeoutMs) return data;
    await delay(pollMs);
  }
}

function inOrderOfCast(accounts: readonly Account[]): readonly Account[] {
  const order = cast.flatMap((pool) => pool.accounts.map(({ name }) => name));
  return accounts.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}
