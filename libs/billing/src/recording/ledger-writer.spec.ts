import { describe, expect, it } from '@jest/globals';
import { MemoryQueue } from '../journal/memory-queue.js';
import { Ledger, type LedgerAnswer } from '../ledger.js';
import { LedgerWriter } from './ledger-writer.js';
import { countingSeries, quietLogger } from './recording.fixture.js';
import { retryDelayMs } from './retry-delay.js';

/** Refuses batches with `poison` in them, and everything while it is down. */
class FakeLedger extends Ledger {
  readonly stored = new Set<string>();
  down = false;
  statements = 0;

  store(bytes: Buffer): Promise<LedgerAnswer> {
    this.statements += 1;
    if (this.down) return Promise.reject(new Error('connection refused'));
    const lines = bytes.toString().trimEnd().split('\n');
    if (lines.some((line) => line.includes('poison') || !line.endsWith(']'))) {
      return Promise.resolve({ kind: 'refused', reason: 'SQLSTATE 22P02' });
    }
    const before = this.stored.size;
    for (const line of lines) this.stored.add(line);
    return Promise.resolve({
      kind: 'stored',
      records: lines.length,
      newRecords: this.stored.size - before,
    });
  }
}

function writerOn(...chunks: string[]) {
  const queue = new MemoryQueue(100_000);
  for (const chunk of chunks) queue.push(Buffer.from(chunk));
  const ledger = new FakeLedger();
  const aside: string[] = [];
  const setAside = { keep: async (lines: readonly string[]) => aside.push(...lines) > 0 };
  const { series, counts } = countingSeries();
  const writer = new LedgerWriter({ sources: [queue], ledger, setAside, series, logger: quietLogger });
  return { writer, ledger, aside, counts, queue };
}

describe('writing to the ledger', () => {
  it('moves batch after batch until nothing waits', async () => {
    const { writer, ledger, counts } = writerOn('["a",1]\n["a",2]\n', '["a",3]\n');
    expect(await writer.writeNext()).toBe('written');
    expect(await writer.writeNext()).toBe('written');
    expect(await writer.writeNext()).toBe('idle');
    expect(ledger.stored.size).toBe(3);
    expect(counts.stored).toBe(3);
  });

  it('tells records that were stored before from new ones', async () => {
    const { writer, counts } = writerOn('["a",1]\n', '["a",1]\n["a",2]\n');
    await writer.writeNext();
    await writer.writeNext();
    expect(counts).toMatchObject({ stored: 2, duplicate: 1 });
  });

  it('sets torn lines and refused records aside and stores all others', async () => {
    const { writer, ledger, aside, counts } = writerOn('["a",1]\n["poison",1]\n["a",2]\n["a",');
    expect(await writer.writeNext()).toBe('written');
    expect([...ledger.stored]).toEqual(['["a",1]', '["a",2]']);
    expect(aside.sort()).toEqual(['["a",', '["poison",1]']);
    expect(counts).toMatchObject({ stored: 2, corrupt: 1, refused: 1 });
  });

  it('finds the few refused among thousands in a few statements each, and stores all others', async () => {
    const lines = Array.from({ length: 4096 }, (_, at) =>
      at % 2000 === 7 ? `["poison",${at}]` : `["a",${at}]`,
    );
    const { writer, ledger, aside } = writerOn(`${lines.join('\n')}\n`);
    expect(await writer.writeNext()).toBe('written');
    expect(ledger.stored.size).toBe(4093);
    expect(aside.sort()).toEqual(['["poison",2007]', '["poison",4007]', '["poison",7]']);
    expect(ledger.statements).toBeLessThan(3 * 2 * 13);
  });

  it('loses nothing while the ledger is down', async () => {
    const { writer, ledger, queue } = writerOn('["a",1]\n', '["a",2]\n');
    ledger.down = true;
    expect(await writer.writeNext()).toBe('failed');
    expect(await writer.writeNext()).toBe('failed');
    expect(writer.failures).toBe(2);
    ledger.down = false;
    while ((await writer.writeNext()) !== 'idle');
    expect([...ledger.stored]).toEqual(['["a",1]', '["a",2]']);
    expect(queue.bytes).toBe(0);
    expect(writer.failures).toBe(0);
  });
});

describe('the delay before another try', () => {
  it('doubles up to 30 s, half of it left to chance', () => {
    expect(retryDelayMs(1, () => 0)).toBe(125);
    expect(retryDelayMs(2, () => 1)).toBe(500);
    expect(retryDelayMs(1000, () => 1)).toBe(30_000);
    expect(retryDelayMs(1000, () => 0)).toBe(15_000);
  });
});
