import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import pg from 'pg';
import { AuditVerifier, CheckpointWriter, type Verification } from '#audit';
import { eventHash } from '../../../libs/audit/src/domain/event-hash.js';
import type { StoredEvent } from '../../../libs/audit/src/domain/stored-event.js';
import { eventColumns, storedEventOf, type EventRow } from '../../../libs/audit/src/persistence/event-row.js';
import { insertEvent } from '../../../libs/audit/src/persistence/insert-event.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { happened, startAudit } from './audit-process.js';

/** Events of the log; the first half is signed by a checkpoint. */
const count = 60;
const signed = count / 2;
const trials = 100;

let database: TestDatabase;
let dataDir: string;
let checkpoints: string;
let app: TestingModule;
/** A superuser who has turned every protection off. */
let intruder: pg.Client;
let seed = 1;

/** Whole numbers from `least` to `most`, the same ones in each run. */
const draw = (least: number, most: number): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return least + (seed % (most - least + 1));
};

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-audit-'));
  checkpoints = join(dataDir, 'audit-checkpoints.jsonl');
  app = await startAudit({ database, dataDir });
  intruder = new pg.Client({ connectionString: database.url.reveal() });
  await intruder.connect();
  await happened(app, signed);
  await app.get(CheckpointWriter).write();
  await happened(app, count - signed);
  const { rows } = await intruder.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass
     UNION ALL SELECT 'audit_events' UNION ALL SELECT 'audit_seals'`,
  );
  for (const { name } of rows) await intruder.query(`ALTER TABLE ONLY ${name} DISABLE TRIGGER refuse_change`);
  await intruder.query('BEGIN');
  await intruder.query('SAVEPOINT intact');
}, 60_000);
afterAll(async () => {
  await intruder.end();
  await app.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const verify = (): Promise<Verification> => app.get(AuditVerifier).verify();

async function events(): Promise<StoredEvent[]> {
  const { rows } = await intruder.query<EventRow>(
    `SELECT ${eventColumns} FROM audit_events ORDER BY sequence, at`,
  );
  return rows.map(storedEventOf);
}

const set = (sequence: number, assignments: string): Promise<unknown> =>
  intruder.query(`UPDATE audit_events SET ${assignments} WHERE sequence = ${sequence}`);

/** Does it, checks the log, and undoes it. */
async function tampered(how: () => Promise<unknown>): Promise<Verification> {
  await intruder.query('ROLLBACK');
  const kept = await events();
  await how();
  try {
    return await verify();
  } finally {
    await intruder.query('DELETE FROM audit_events');
    for (const event of kept) await put(event);
    await intruder.query('BEGIN');
  }
}

const put = (event: StoredEvent): Promise<void> =>
  insertEvent(
    {
      query: async <Rows>(text: string, values?: unknown[]) =>
        (await intruder.query(text, values)).rows as Rows,
    },
    event,
  );

/** Writes events anew from one on, as whoever knows how hashes are made would. */
async function rewrite(from: number, change: (event: StoredEvent) => StoredEvent): Promise<void> {
  const all = await events();
  let previous = all[from - 2]?.hash ?? '0'.repeat(64);
  for (const event of all.slice(from - 1)) {
    const changed = { ...(event.sequence === from ? change(event) : event), previous };
    const hash = eventHash(changed);
    await intruder.query(
      `UPDATE audit_events SET details = $2, previous = decode($3, 'hex'), hash = decode($4, 'hex') WHERE sequence = $1`,
      [event.sequence, changed.details, previous, hash],
    );
    previous = hash;
  }
}

const forged = (event: StoredEvent): StoredEvent => ({ ...event, details: '{"after":{"weight":-1}}' });

describe('a log that nobody touched', () => {
  it('is found intact, and says what it was compared with', async () => {
    expect(await verify()).toEqual({
      ok: true,
      checked: count,
      firstBadSequence: null,
      reason: null,
      headHash: (await events()).at(-1)?.hash,
      checkpoints: { used: 1, refused: 0, lastSequence: signed },
      seals: 0,
    });
  });
});

describe(`each of ${trials} single tamperings is found and its first bad sequence named`, () => {
  const edits = [
    `action = 'x'`,
    `actor_id = 'somebody'`,
    `actor_kind = 'root'`,
    `outcome = 'failed'`,
    `targets = '{account:other}'`,
    `ip = '10.0.0.1'`,
    `request_id = 'r'`,
    `correlation_id = 'c'`,
    `details = '{}'`,
    `fingerprints = '{p:00}'`,
    `at = at + interval '1 ms'`,
    `at = at - interval '1 ms'`,
    `previous = sha256('x')`,
    `hash = sha256('x')`,
  ];

  it('an edit of any field', async () => {
    for (let trial = 0; trial < trials; trial += 1) {
      const sequence = draw(1, count);
      const edit = edits[trial % edits.length] ?? '';
      const found = await tampered(() => set(sequence, edit));
      expect({ edit, ...found }).toMatchObject({ edit, ok: false, firstBadSequence: sequence });
    }
  }, 300_000);

  it('an edit with a new hash of its own', async () => {
    for (let trial = 0; trial < trials; trial += 1) {
      const sequence = draw(1, count - 1);
      const found = await tampered(async () => {
        const event = forged((await events())[sequence - 1] as StoredEvent);
        await set(sequence, `details = '${event.details}', hash = decode('${eventHash(event)}', 'hex')`);
      });
      expect(found).toMatchObject({ ok: false, firstBadSequence: sequence, reason: 'changed' });
    }
  }, 300_000);

  it('a deletion', async () => {
    for (let trial = 0; trial < trials; trial += 1) {
      const sequence = draw(1, count - 1);
      const found = await tampered(() =>
        intruder.query(`DELETE FROM audit_events WHERE sequence = ${sequence}`),
      );
      expect(found).toMatchObject({ ok: false, firstBadSequence: sequence });
    }
  }, 300_000);

  it('an insertion', async () => {
    for (let trial = 0; trial < trials; trial += 1) {
      const sequence = draw(1, count);
      const found = await tampered(async () => {
        const like = forged((await events())[sequence - 1] as StoredEvent);
        await put({ ...like, atMs: like.atMs + 1, hash: eventHash({ ...like, atMs: like.atMs + 1 }) });
      });
      expect(found).toMatchObject({ ok: false, firstBadSequence: sequence, reason: 'inserted' });
    }
  }, 300_000);

  it('two events that changed places', async () => {
    for (let trial = 0; trial < trials; trial += 1) {
      const first = draw(1, count - 1);
      const second = draw(first + 1, count);
      const found = await tampered(async () => {
        await set(first, 'sequence = -1');
        await set(second, `sequence = ${first}`);
        await set(-1, `sequence = ${second}`);
      });
      expect(found).toMatchObject({ ok: false, firstBadSequence: first });
    }
  }, 300_000);
});

describe('what a chain alone cannot tell is told by signed checkpoints', () => {
  it('a tail that was cut', async () => {
    for (const kept of [0, 1, signed - 1]) {
      const found = await tampered(() => intruder.query(`DELETE FROM audit_events WHERE sequence > ${kept}`));
      expect(found).toMatchObject({ ok: false, firstBadSequence: kept + 1, reason: 'cut', checked: kept });
    }
  });

  it('a log that was written anew from some event on', async () => {
    for (const from of [1, 2, signed]) {
      const found = await tampered(() => rewrite(from, forged));
      expect(found).toMatchObject({ ok: false, reason: 'rewritten', firstBadSequence: 1 });
    }
  });

  it('and is narrowed down to what was written after the last good one', async () => {
    const before = await readFile(checkpoints, 'utf8');
    await app.get(CheckpointWriter).write();
    const found = await tampered(() => rewrite(signed + 5, forged));
    expect(found).toMatchObject({
      ok: false,
      reason: 'rewritten',
      firstBadSequence: signed + 1,
      checked: count,
    });
    await writeFile(checkpoints, before);
  });
});

describe('checkpoints', () => {
  let original: string;
  beforeAll(async () => {
    original = await readFile(checkpoints, 'utf8');
  });
  afterEach(() => writeFile(checkpoints, original));

  it('are for this user alone', async () => {
    expect((await stat(checkpoints)).mode & 0o777).toBe(0o600);
  });

  it('prove nothing when they are not signed by us, and are counted', async () => {
    const forgery = original.replace(/"hash":"[0-9a-f]{64}"/, `"hash":"${'ab'.repeat(32)}"`);
    await appendFile(checkpoints, `${forgery.trim()}\nnot even JSON\n{"sequence":1}\n`);
    expect(await verify()).toMatchObject({ ok: true, checkpoints: { used: 1, refused: 3 } });
  });

  it('go on behind a line that a power cut left unfinished', async () => {
    await writeFile(checkpoints, original.trimEnd().slice(0, -10));
    const other = await startAudit({ database, dataDir });
    await other.get(CheckpointWriter).write();
    await other.close();
    expect(await verify()).toMatchObject({
      ok: true,
      checkpoints: { used: 1, refused: 1, lastSequence: count },
    });
  });
});
