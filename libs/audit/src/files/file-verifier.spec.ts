import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { PublicKeys } from '../checkpoints/public-keys.js';
import { SigningKeys } from '../checkpoints/signing-keys.js';
import type { ChainEnd } from '../domain/chain-check.js';
import { eventHash, genesisHash } from '../domain/event-hash.js';
import { stampedEvent } from '../domain/stamped-event.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { ManifestMaker, type Manifest } from '../export/manifest.js';
import { renderings, type ExportFormat } from '../export/rendering.js';
import { FileVerifier, type FileVerification } from './file-verifier.js';

const count = 30;
const trials = 100;
const signed = 12;
const aKey = () =>
  new SigningKeys(KeyPeppers.of([{ id: 'p', material: new Secret(randomBytes(32).toString('base64')) }]));
const keys = aKey();
const auditor = new PublicKeys(keys.publicKeys());

function chain(length: number, start: ChainEnd = { sequence: 0, hash: genesisHash }): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let at = 0; at < length; at += 1) {
    const draft = { action: 'route.changed' as const, targets: [`route:${at}`], before: { 7: 'ä', a: null } };
    events.push(stampedEvent(draft, events.at(-1) ?? start, 1_000 + at, [`p:${at}`]));
  }
  return events;
}

const textOf = (events: readonly StoredEvent[], format: ExportFormat = 'jsonl'): string =>
  renderings[format].head + events.map(renderings[format].line).join('');

function manifestOf(events: readonly StoredEvent[], by = keys, format: ExportFormat = 'jsonl'): Manifest {
  const maker = new ManifestMaker(format);
  maker.take(events, textOf(events, format));
  return maker.finish(by);
}

/** Hashes made anew from one event on, as whoever knows how they are made would. */
function rehashed(events: readonly StoredEvent[], from: number): StoredEvent[] {
  let previous = events[from - 1]?.hash ?? genesisHash;
  return events.map((event, at) => {
    if (at < from) return event;
    const changed = { ...event, previous };
    previous = eventHash(changed);
    return { ...changed, hash: previous };
  });
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-files-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Written {
  readonly text: string;
  readonly manifest: Manifest | string | null;
}

async function verify(written: readonly Written[], checkpoints: ChainEnd[] = []): Promise<FileVerification> {
  const files = written.map((_, at) => {
    const path = join(directory, `${at}.jsonl`);
    return { path, manifest: `${path}.manifest.json` };
  });
  for (const [at, { text, manifest }] of written.entries()) {
    const { path, manifest: manifestPath } = files[at] ?? { path: '', manifest: '' };
    await writeFile(path, text);
    await rm(manifestPath, { force: true });
    if (manifest !== null)
      await writeFile(manifestPath, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  }
  return new FileVerifier({ keys: auditor, checkpoints }).verify(files);
}

const all = chain(count);
const [one, two, three] = [all.slice(0, 10), all.slice(10, 20), all.slice(20)];
const whole = (events: readonly StoredEvent[]): Written => ({
  text: textOf(events),
  manifest: manifestOf(events),
});
let seed = 1;
const draw = (least: number, most: number): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return least + (seed % (most - least + 1));
};

describe('files of events without their database', () => {
  it('are found whole, together and each by itself, in CSV too', async () => {
    const found = await verify([one, two, three].map(whole));
    expect(found).toMatchObject({
      ok: true,
      checked: count,
      complete: true,
      firstSequence: 1,
      lastSequence: count,
    });
    expect(await verify([whole(two)])).toMatchObject({ ok: true, checked: 10, firstSequence: 11 });
    expect(await verify([{ text: '', manifest: manifestOf([]) }])).toMatchObject({ ok: true, checked: 0 });
    const csv = { text: textOf(one, 'csv'), manifest: manifestOf(one, keys, 'csv') };
    expect(await verify([csv])).toMatchObject({ ok: true, checked: 10, complete: false });
    expect(await verify([{ ...csv, text: csv.text.replace('route:3', 'route:4') }])).toMatchObject({
      ok: false,
      reason: 'manifest',
    });
  });

  /** Each does one thing to the lines of the file and says which event is the first that is not as it was. */
  const tamperings: Record<string, () => { lines: readonly StoredEvent[]; bad: number; reason: string }> = {
    'an event was changed': () => {
      const at = draw(0, count - 1);
      const lines = all.with(at, { ...(all[at] ?? one[0]!), outcome: 'failed' });
      return { lines, bad: at + 1, reason: 'changed' };
    },
    'an event was deleted': () => {
      const at = draw(0, count - 2);
      return { lines: all.toSpliced(at, 1), bad: at + 1, reason: 'missing' };
    },
    'an event was put in': () => {
      const at = draw(1, count - 1);
      return { lines: all.toSpliced(at, 0, all[at - 1] ?? one[0]!), bad: at, reason: 'inserted' };
    },
    'two events changed places': () => {
      const at = draw(0, count - 2);
      const lines = all.with(at, all[at + 1] ?? one[0]!).with(at + 1, all[at] ?? one[0]!);
      return { lines, bad: at + 1, reason: 'missing' };
    },
    'the tail was cut': () => {
      const at = draw(1, count - 1);
      return { lines: all.slice(0, at), bad: at + 1, reason: 'cut' };
    },
    'all was written anew from an event on, with good hashes': () => {
      const at = draw(0, count - 1);
      const lines = rehashed(all.with(at, { ...(all[at] ?? one[0]!), outcome: 'failed' }), at);
      // What the next signature contradicts began after the one before it.
      return { lines, bad: at < signed ? 1 : signed + 1, reason: 'rewritten' };
    },
  };

  it.each(Object.entries(tamperings))('tell that %s, and where', async (_what, tamper) => {
    const checkpoints = [{ sequence: signed, hash: all[signed - 1]?.hash ?? '' }];
    for (let trial = 0; trial < trials; trial += 1) {
      const { lines, bad, reason } = tamper();
      const found = await verify([{ text: textOf(lines), manifest: manifestOf(all) }], checkpoints);
      expect(found).toMatchObject({ ok: false, firstBadSequence: bad, reason });
    }
  });

  it.each([
    ['a month between two is missing', () => [whole(one), whole(three)], 11, 'missing'],
    ['a month is there twice', () => [whole(one), whole(one)], 1, 'inserted'],
    ['months are out of order', () => [whole(two), whole(one)], 1, 'inserted'],
    [
      'a line has more in it than was hashed',
      () => [touched('"outcome"', '"note":1,"outcome"')],
      1,
      'changed',
    ],
    ['white space was put in', () => [touched('","', '", "')], 1, 'changed'],
    [
      'it ends in the middle of a line',
      () => [{ ...whole(one), text: textOf(one).slice(0, -9) }],
      10,
      'changed',
    ],
    ['it goes on after its end', () => [{ ...whole(one), text: `${textOf(one)}{}\n` }], 11, 'changed'],
    ['it is empty', () => [{ ...whole(two), text: '' }], 11, 'cut'],
    ['there is no manifest', () => [{ ...whole(two), manifest: null }], 11, 'manifest'],
    ['the manifest is none', () => [{ ...whole(two), manifest: '{"format":"jsonl"' }], 11, 'manifest'],
    [
      'the manifest was signed by somebody else',
      () => [{ ...whole(two), manifest: manifestOf(two, aKey()) }],
      11,
      'manifest',
    ],
    [
      'the manifest is that of another month',
      () => [{ ...whole(two), manifest: manifestOf(one) }],
      1,
      'missing',
    ],
    ['file and manifest were both made up', () => made(), 5, 'changed'],
  ] as const)('are not believed where %s', async (_what, written, firstBadSequence, reason) => {
    expect(await verify(written() as Written[])).toMatchObject({ ok: false, firstBadSequence, reason });
  });

  it('of an export with a filter are checked one by one, and said to be not all', async () => {
    const some = [all[3], all[8], all[20]].flatMap((event) => event ?? []);
    const written = whole(some);
    expect(await verify([written])).toMatchObject({ ok: true, checked: 3, complete: false });
    const changed = { ...written, text: written.text.replace('route:8', 'route:9') };
    expect(await verify([changed])).toMatchObject({ ok: false, firstBadSequence: 9, reason: 'changed' });
    const fewer = { ...written, text: textOf(some.slice(0, 2)) };
    expect(await verify([fewer])).toMatchObject({ ok: false, reason: 'manifest' });
  });

  it('are read in bounded memory, however long a line is', async () => {
    const text = textOf(one) + 'x'.repeat(5_000_000);
    expect(await verify([{ ...whole(one), text }])).toMatchObject({ ok: false, firstBadSequence: 11 });
  });
});

const touched = (from: string, to: string): Written => ({
  ...whole(one),
  text: textOf(one).replace(from, to),
});

function made(): Written[] {
  const lines = one.with(4, { ...(one[4] ?? one[0]!), outcome: 'failed' });
  return [{ text: textOf(lines), manifest: manifestOf(lines, aKey()) }];
}
