import { startGatewayPair } from '../support/gateway-pair.js';
import { msUntilRefused } from '../support/key-trials.js';
import { serveTestDatabases } from '../support/test-database-server.js';

/**
 * How long a replica still takes a key that another was told to revoke, in so many trials (first argument, default 200), and in a
 * twentieth as many with notifications lost. Build first; run by `node --import ./test/support/import-typescript.js`.
 */
const trials = Number(process.argv[2] ?? 200);

const databases = await serveTestDatabases();
process.env.TEST_DATABASE_SERVER = databases.url;
try {
  const pair = await startGatewayPair({});
  try {
    await print('told by a notification', trials);
    await pair.loseNotifications();
    await print('with notifications lost', Math.ceil(trials / 20));
  } finally {
    await pair.close();
  }

  async function print(name: string, count: number): Promise<void> {
    const taken: number[] = [];
    for (let trial = 0; trial < count; trial += 1) taken.push(await msUntilRefused(pair, 'revoke'));
    taken.sort((a, b) => a - b);
    const at = (share: number): string => (taken[Math.ceil(share * count) - 1] ?? NaN).toFixed(1);
    console.log(`${name}: ${count} trials, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
  }
} finally {
  await databases.close();
}
