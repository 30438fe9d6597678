import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import { silentLogger } from '../../../test/support/silent-logger.js';
import { LastUseWriter } from './last-use-writer.js';
import { LastUses } from './last-uses.js';
import type { ApiKeyRepository } from './persistence/api-key.repository.js';

const id = (text: string) => asId<'ApiKey'>(text);

function setUp() {
  const written: [string, number][][] = [];
  const database = { isDown: false };
  const writeLastUses = async (uses: ReadonlyMap<string, number>) => {
    if (database.isDown) throw new Error('down');
    written.push([...uses]);
  };
  const lastUses = new LastUses();
  const rows = { writeLastUses } as unknown as ApiKeyRepository;
  return { lastUses, written, database, writer: new LastUseWriter(lastUses, rows, silentLogger) };
}

describe('writing when keys were used', () => {
  it('writes one time a key, the last, however often it was used', async () => {
    const { lastUses, written, writer } = setUp();
    for (let atMs = 0; atMs < 1000; atMs += 1) lastUses.note(id('a'), atMs);
    lastUses.note(id('b'), 5);
    await writer.flush();
    await writer.flush();
    expect(written).toEqual([
      [
        ['a', 999],
        ['b', 5],
      ],
    ]);
  });

  it('keeps what could not be written, unless the key was used again', async () => {
    const { lastUses, written, database, writer } = setUp();
    lastUses.note(id('a'), 1);
    lastUses.note(id('b'), 1);
    database.isDown = true;
    await writer.flush();
    lastUses.note(id('b'), 2);
    database.isDown = false;
    await writer.flush();
    expect(written).toEqual([
      [
        ['a', 1],
        ['b', 2],
      ],
    ]);
  });

  it('writes the rest when the process stops', async () => {
    const { lastUses, written, writer } = setUp();
    writer.onApplicationBootstrap();
    lastUses.note(id('a'), 1);
    await writer.onModuleDestroy();
    expect(written).toHaveLength(1);
  });
});
