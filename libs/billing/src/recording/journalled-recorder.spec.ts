import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import { usageLine } from '../domain/usage-line.js';
import { MemoryQueue } from '../journal/memory-queue.js';
import type { UsageJournal } from '../journal/usage-journal.js';
import { readLine, usage } from '../usage-record.fixture.js';
import { countingSeries, quietLogger } from './recording.fixture.js';
import { JournalledRecorder } from './journalled-recorder.js';

type Kept = ReturnType<UsageJournal['append']>;

function recorderOn(answers: () => Kept, overflowBytes = 10_000) {
  const appended: string[] = [];
  const { series, counts } = countingSeries();
  const overflow = new MemoryQueue(overflowBytes);
  const append = (lines: string): Kept => {
    const answer = answers();
    if (answer.kind === 'kept') appended.push(lines);
    return answer;
  };
  const recorder = new JournalledRecorder({ journal: { append }, overflow, series, logger: quietLogger });
  return { recorder, appended, counts, overflow };
}

const kept = (): Kept => ({ kind: 'kept' });
const ids = (texts: string[]): string[] =>
  texts
    .join('')
    .trimEnd()
    .split('\n')
    .map((text) => String(readLine(text).id));

describe('recording', () => {
  it('appends the records of one turn together, at its end', async () => {
    const { recorder, appended } = recorderOn(kept);
    for (const id of ['1', '2', '3']) recorder.record(usage({ id: asId(id) }));
    expect(appended).toEqual([]);
    await new Promise(setImmediate);
    expect(appended).toHaveLength(1);
    expect(ids(appended)).toEqual(['1', '2', '3']);
  });

  it.each([1, 20, 200])('appends every line of a turn of %i records, beyond ASCII too', (count) => {
    const { recorder, appended } = recorderOn(kept);
    const models = Array.from({ length: count }, (_, at) => `模型-é-${at}`);
    for (const model of models) recorder.record(usage({ model }));
    recorder.flush();
    const lines = appended.join('').trimEnd().split('\n');
    expect(lines.map((line) => readLine(line).model)).toEqual(models);
  });

  it('rates a record unless it comes with its cost', () => {
    const { recorder, appended } = recorderOn(kept);
    recorder.record(usage());
    recorder.record(usage({ costNanoUsd: 7n }));
    recorder.record(usage({ costNanoUsd: null }));
    recorder.flush();
    const lines = appended.join('').trimEnd().split('\n');
    expect(lines.map((line) => readLine(line).cost_nano_usd)).toEqual([180_000, 7, null]);
  });

  it('never throws: a record that cannot be written down is counted and stops no other', () => {
    const { recorder, appended, counts } = recorderOn(kept);
    recorder.record(usage({ atMs: NaN }));
    recorder.record(usage({ id: asId('2') }));
    recorder.flush();
    expect(ids(appended)).toEqual(['2']);
    expect(counts).toMatchObject({ recorded: 2, unencodable: 1 });
  });

  it('keeps records in memory while the disk takes none, and journals them when it does again', () => {
    let full = true;
    const { recorder, appended, overflow, counts } = recorderOn(() => ({ kind: full ? 'full' : 'kept' }));
    for (const id of ['1', '2']) {
      recorder.record(usage({ id: asId(id) }));
      recorder.flush();
    }
    expect(overflow.bytes).toBeGreaterThan(0);
    full = false;
    for (const id of ['3', '4', '5']) {
      recorder.record(usage({ id: asId(id) }));
      recorder.flush();
    }
    expect(ids(appended).sort()).toEqual(['1', '2', '3', '4', '5']);
    expect(overflow.bytes).toBe(0);
    expect(counts).not.toHaveProperty('overflow');
  });

  it('drops, and counts, only what neither disk nor memory can hold', () => {
    const room = 2.5 * usageLine(usage(), null).length;
    const { recorder, overflow, counts } = recorderOn(
      () => ({ kind: 'unwritable', error: new Error() }),
      room,
    );
    for (let at = 0; at < 5; at++) {
      recorder.record(usage());
      recorder.flush();
    }
    expect(overflow.bytes).toBeLessThanOrEqual(room);
    expect(counts.recorded).toBe(5);
    expect(counts.overflow).toBe(3);
  });
});
