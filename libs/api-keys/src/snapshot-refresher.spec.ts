import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Secret } from '#kernel';
import type { ChangeFeed } from '#persistence';
import { KeyPeppers } from '#secrets';
import { silentLogger } from '../../../test/support/silent-logger.js';
import { ApiKeySnapshot } from './api-key-snapshot.js';
import { KeyIssuer } from './key-issuer.js';
import { KeyMeters } from './limits/key-meters.js';
import { MemoryLimitStore } from './limits/memory-limit-store.js';
import { SpendReader } from './limits/spend-reader.js';
import type { ApiKeyEntity } from './persistence/api-key.entity.js';
import type { ApiKeyRepository } from './persistence/api-key.repository.js';
import { SnapshotRefresher } from './snapshot-refresher.js';

describe('refreshing the snapshot', () => {
  it('never lets a slow read undo a later one', async () => {
    const peppers = KeyPeppers.of([{ id: 'p', material: new Secret(randomBytes(32).toString('base64')) }]);
    const { row } = new KeyIssuer(peppers).issue({ name: 'a', scopes: ['call'] });
    const reads: ((rows: ApiKeyEntity[]) => void)[] = [];
    const rows = { all: () => new Promise<ApiKeyEntity[]>((resolve) => reads.push(resolve)) };
    let change = (): Promise<void> => Promise.resolve();
    const feed = { subscribe: (_: unknown, onChange: () => Promise<void>) => (change = onChange) };
    const snapshot = new ApiKeySnapshot();
    const clock = { nowMs: () => 0 };
    const refusals = { increment: () => undefined };
    const meters = new KeyMeters({ store: new MemoryLimitStore(clock), clock, refusals });
    const refresher = new SnapshotRefresher(
      rows as unknown as ApiKeyRepository,
      snapshot,
      feed as unknown as ChangeFeed,
      peppers,
      meters,
      new SpendReader(meters, silentLogger, clock, null),
      silentLogger,
    );
    const first = refresher.onApplicationBootstrap();
    const second = change();
    reads[1]?.([]);
    await second;
    reads[0]?.([row as unknown as ApiKeyEntity]);
    await first;
    expect(snapshot.isLoaded).toBe(true);
    expect(snapshot.get(row.secrets[0].keyId)).toBeUndefined();
  });
});
