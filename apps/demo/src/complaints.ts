import type { AccountRow } from './account-rows.js';
import type { Traffic } from './send-traffic.js';
import type { Sighting } from './witness.js';

/** The figures of a run, from the three who know them: callers, gateway, providers. */
export interface Evidence {
  readonly traffic: Traffic;
  readonly rows: readonly AccountRow[];
  /** Calls in the gateway's ledger. */
  readonly recorded: number;
  /** By account name; one that was never called may be missing. */
  readonly seen: ReadonlyMap<string, Sighting>;
}

/** What is not as it should be, in words; nothing when no caller saw an error and all figures agree. */
export function complaints({ traffic, rows, recorded, seen }: Evidence): readonly string[] {
  const { calls, errors } = traffic;
  const found = [...Map.groupBy(errors, (error) => error)].map(
    ([error, same]) => `${same.length} calls failed: ${error}`,
  );
  if (recorded !== calls) found.push(`${calls} calls were made, but the ledger has ${recorded}`);
  const unpriced = rows.reduce((sum, row) => sum + row.unpriced, 0);
  if (unpriced > 0) found.push(`${unpriced} calls have no price`);
  return [...found, ...rows.flatMap((row) => disagreements(row, seen.get(row.name)))];
}

function disagreements({ name, calls, rateLimited }: AccountRow, seen?: Sighting): string[] {
  const { answered = 0, rateLimited: refused = 0 } = seen ?? {};
  return [
    ...(calls === answered ? [] : [`${name}: ${calls} calls, but its provider answered ${answered}`]),
    ...(rateLimited === refused ? [] : [`${name}: ${rateLimited} 429s, but its provider sent ${refused}`]),
  ];
}
