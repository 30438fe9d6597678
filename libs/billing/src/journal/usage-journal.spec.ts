import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newOwner } from './journal-owner.js';
import { defaultJournalLimits, UsageJournal, type JournalLimits } from './usage-journal.js';

const small: JournalLimits = { segmentBytes: 100, maxBytes: 1000, batchBytes: 64 };
const line = (text: string): string => `${text}\n`;
let root: string;
let lostBytes: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'usage-journal-'));
  lostBytes = 0;
});
afterEach(() => rm(root, { recursive: true, force: true }));

const openJournal = (limits: JournalLimits = defaultJournalLimits): Promise<UsageJournal> =>
  UsageJournal.open(root, (bytes) => (lostBytes += bytes), limits);

async function takeAll(journal: UsageJournal): Promise<string[]> {
  const taken: string[] = [];
  for (let batch = await journal.next(); batch !== null; batch = await journal.next()) {
    taken.push(...batch.lines.toString().trimEnd().split('\n'));
    batch.done();
  }
  return taken;
}

/** A directory as a process leaves it that was killed. */
async function leftByTheDead(place: 'here' | 'elsewhere', text: string): Promise<string> {
  const [here, pid, , random] = newOwner().directoryName.split('~');
  const directory = join(root, `${place === 'here' ? here : 'other-host'}~${pid}~0-gone~${random}`);
  await mkdir(directory);
  await writeFile(join(directory, '00000001.jsonl'), text);
  return directory;
}

describe('the usage journal', () => {
  it('gives back every line once, in order, across segments', async () => {
    const journal = await openJournal(small);
    const lines = Array.from({ length: 30 }, (_, at) => `{"line":${at}}`);
    for (const each of lines) expect(journal.append(line(each)).kind).toBe('kept');
    expect(await takeAll(journal)).toEqual(lines);
    expect(journal.unread).toBe(0);
  });

  it('gives a batch again until it is done', async () => {
    const journal = await openJournal();
    journal.append(line('{}'));
    const first = await journal.next();
    first?.failed();
    const again = await journal.next();
    expect(again?.lines.toString()).toBe('{}\n');
    again?.done();
    expect(await journal.next()).toBeNull();
  });

  it('deletes a segment only after all of it is done', async () => {
    const journal = await openJournal(small);
    const [directory = ''] = await readdir(root);
    const files = (): Promise<string[]> => readdir(join(root, directory));
    for (let at = 0; at < 20; at++) journal.append(line(`{"line":"${at}"}`));
    const before = await files();
    expect(before.length).toBeGreaterThan(2);
    (await journal.next())?.done();
    expect(await files()).toEqual(before);
    await takeAll(journal);
    expect(await files()).toEqual(before.slice(-1));
  });

  it('keeps its files from other users', async () => {
    const journal = await openJournal();
    journal.append(line('{}'));
    const [directory = ''] = await readdir(root);
    expect((await stat(join(root, directory))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, directory, '00000001.jsonl'))).mode & 0o777).toBe(0o600);
  });

  it('takes no more than its bound', async () => {
    const journal = await openJournal(small);
    let kept = 0;
    while (journal.append(line('{"some":"record"}')).kind === 'kept') kept++;
    expect(journal.append(line('{}'.repeat(20))).kind).toBe('full');
    expect(journal.bytes).toBeLessThanOrEqual(small.maxBytes);
    expect(await takeAll(journal)).toHaveLength(kept);
    expect(journal.append(line('{}')).kind).toBe('kept');
  });

  it('says when the disk takes nothing, and goes on when it does again', async () => {
    const journal = await openJournal();
    const [directory = ''] = await readdir(root);
    await rm(join(root, directory), { recursive: true });
    expect(journal.append(line('{"a":1}'))).toMatchObject({ kind: 'unwritable', error: { code: 'ENOENT' } });
    await mkdir(join(root, directory));
    expect(journal.append(line('{"a":2}')).kind).toBe('kept');
    expect(await takeAll(journal)).toEqual(['{"a":2}']);
  });

  it('hands what is left to the next one when it closes, and leaves nothing when there is nothing', async () => {
    const first = await openJournal();
    first.append(line('{"a":1}'));
    await first.close();
    const second = await openJournal();
    expect(await second.adopt(Date.now())).toBe(1);
    expect(await takeAll(second)).toEqual(['{"a":1}']);
    await second.close();
    expect(await readdir(root)).toEqual([]);
  });

  it('takes no line after it was closed', async () => {
    const journal = await openJournal();
    await journal.close();
    expect(journal.append(line('{}')).kind).toBe('unwritable');
  });

  it('takes over from a killed process of this host at once, torn last line included', async () => {
    await leftByTheDead('here', '{"a":1}\n{"a":2}\n{"a":');
    const journal = await openJournal();
    expect(await journal.adopt(Date.now())).toBe(1);
    expect(await takeAll(journal)).toEqual(['{"a":1}', '{"a":2}', '{"a":']);
  });

  it('takes over from another host only when that was silent for minutes', async () => {
    const directory = await leftByTheDead('elsewhere', '{"a":1}\n');
    const journal = await openJournal();
    expect(await journal.adopt(Date.now())).toBe(0);
    const longAgo = new Date(Date.now() - 10 * 60_000);
    await utimes(directory, longAgo, longAgo);
    expect(await journal.adopt(Date.now())).toBe(1);
  });

  it('leaves the segments of a living process alone', async () => {
    const living = await openJournal();
    living.append(line('{"a":1}'));
    const other = await openJournal();
    expect(await other.adopt(Date.now())).toBe(0);
    expect(await takeAll(living)).toEqual(['{"a":1}']);
  });

  it('gives each orphaned segment to one of several that want it', async () => {
    for (let at = 0; at < 5; at++) await leftByTheDead('here', `{"a":${at}}\n`);
    const journals = await Promise.all([openJournal(), openJournal(), openJournal()]);
    await Promise.all(journals.map((journal) => journal.adopt(Date.now())));
    const taken = (await Promise.all(journals.map(takeAll))).flat();
    expect(taken.sort()).toEqual(Array.from({ length: 5 }, (_, at) => `{"a":${at}}`));
  });

  it('reads on when a segment that was taken over is still written to', async () => {
    await leftByTheDead('here', '{"a":1}\n');
    const journal = await openJournal();
    await journal.adopt(Date.now());
    const batch = await journal.next();
    batch?.done();
    const [directory = ''] = await readdir(root);
    await appendFile(join(root, directory, '00000001.jsonl'), '{"a":2}\n');
    expect(await takeAll(journal)).toEqual(['{"a":2}']);
  });

  it('starts over when it was itself thought gone', async () => {
    const journal = await openJournal();
    journal.append(line('{"a":1}'));
    await rm(root, { recursive: true });
    journal.touch(Date.now());
    expect(journal.append(line('{"a":2}')).kind).toBe('kept');
    expect(await takeAll(journal)).toEqual(['{"a":2}']);
    expect(lostBytes).toBe(0);
  });

  it('counts what somebody deleted under its hands and goes on', async () => {
    const journal = await openJournal();
    journal.append(line('{"a":1}'));
    const [directory = ''] = await readdir(root);
    await rm(join(root, directory, '00000001.jsonl'));
    expect(await journal.next()).toBeNull();
    expect(lostBytes).toBe(8);
    expect(journal.append(line('{"a":2}')).kind).toBe('kept');
    expect(await takeAll(journal)).toEqual(['{"a":2}']);
  });

  it('gets past garbage without a single newline', async () => {
    await leftByTheDead('here', `${randomBytes(5000).toString('hex')}\n{"a":1}\n`);
    const journal = await openJournal(small);
    await journal.adopt(Date.now());
    expect(await takeAll(journal)).toContain('{"a":1}');
  });
});
