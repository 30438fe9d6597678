import type { CallRecord } from '../../provider-simulator/src/index.js';

/** What the simulator saw of one key. */
export interface Sighting {
  /** Calls it answered to the end. */
  readonly answered: number;
  /** Calls it refused with 429. */
  readonly rateLimited: number;
}

/**
 * What the providers themselves say happened, by key: the gateway's figures must agree with it.
 *
 * @param calls of the simulator's report; health checks among them (no POST) are no calls of anybody
 */
export function sightings(calls: readonly CallRecord[]): ReadonlyMap<string, Sighting> {
  const byKey = Map.groupBy(
    calls.filter(({ method }) => method === 'POST'),
    ({ key }) => key,
  );
  return new Map(
    [...byKey].map(([key, seen]) => [
      key,
      {
        answered: seen.filter(isAnswer).length,
        rateLimited: seen.filter(({ status }) => status === 429).length,
      },
    ]),
  );
}

/** A stream may begin with 200 and then say that it failed. */
const isAnswer = ({ status, aborted, fault }: CallRecord): boolean =>
  status === 200 && !aborted && fault !== 'error_in_stream';
