import { describe, expect, it } from '@jest/globals';
import { AccessJournal } from './access-journal.js';
import type { AuditDraft, AuditOrigin } from './audit-event.js';
import { AuditTrail } from './audit-trail.js';

class Remembered extends AuditTrail {
  readonly drafts: AuditDraft[] = [];
  down = false;

  append(): Promise<void> {
    return Promise.resolve();
  }

  async record(drafts: readonly AuditDraft[]): Promise<void> {
    if (this.down) throw new Error('the database is away');
    this.drafts.push(...drafts);
  }
}

const nothing = (): void => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const origin = (id: string, ip = '192.0.2.1'): AuditOrigin => ({
  actor: { kind: 'api_key', id },
  ip,
  requestId: 'r',
  correlationId: null,
});

function start() {
  const trail = new Remembered();
  let nowMs = 0;
  const journal = new AccessJournal(trail, logger, { nowMs: () => nowMs });
  return { trail, journal, advanceMs: (ms: number) => void (nowMs += ms) };
}

describe('refusals', () => {
  it('become one event for each reason and key, with a count and some of the addresses', async () => {
    const { trail, journal } = start();
    for (let i = 0; i < 20; i += 1) journal.denied('insufficient_scope', 'k1', `192.0.2.${i}`);
    journal.denied('insufficient_scope', 'k2', '192.0.2.9');
    journal.denied('invalid_api_key', null, null);
    await journal.flush();
    await journal.flush();
    expect(trail.drafts.map(({ facts }) => facts)).toEqual([
      {
        reason: 'insufficient_scope',
        count: 20,
        addresses: ['192.0.2.0', '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'],
      },
      { reason: 'insufficient_scope', count: 1 },
      { reason: 'invalid_api_key', count: 1 },
    ]);
    expect(trail.drafts.map((draft) => draft.origin?.ip)).toEqual([null, '192.0.2.9', null]);
  });

  it('are counted together where there are too many kinds of them, and none is lost', async () => {
    const { trail, journal } = start();
    for (let i = 0; i < 5_000; i += 1) journal.denied('insufficient_scope', `k${i}`, null);
    await journal.flush();
    expect(trail.drafts).toHaveLength(1_001);
    expect(trail.drafts.at(-1)?.facts).toEqual({ reason: 'others', count: 4_000 });
  });

  it('wait while the database is away, and what comes meanwhile is added', async () => {
    const { trail, journal } = start();
    trail.down = true;
    for (let i = 0; i < 3; i += 1) {
      journal.denied('invalid_api_key', null, '192.0.2.1');
      await journal.flush();
    }
    trail.down = false;
    await journal.flush();
    expect(trail.drafts.map(({ facts }) => facts)).toEqual([{ reason: 'invalid_api_key', count: 3 }]);
  });
});

describe('a sign-in', () => {
  it('is the first use by a key and an address within an hour', async () => {
    const { trail, journal, advanceMs } = start();
    for (const [id, ip] of [['k1'], ['k1'], ['k1', '192.0.2.2'], ['k2']] as const)
      journal.used(origin(id, ip));
    await journal.flush();
    expect(trail.drafts.map((draft) => [draft.origin?.actor.id, draft.origin?.ip])).toEqual([
      ['k1', '192.0.2.1'],
      ['k1', '192.0.2.2'],
      ['k2', '192.0.2.1'],
    ]);
    advanceMs(3_599_999);
    journal.used(origin('k1'));
    await journal.flush();
    expect(trail.drafts).toHaveLength(3);
    advanceMs(1);
    journal.used(origin('k1'));
    await journal.flush();
    expect(trail.drafts).toHaveLength(4);
  });

  it('does not make memory grow with addresses', async () => {
    const { trail, journal } = start();
    for (let i = 0; i < 30_000; i += 1) journal.used(origin('k1', `address ${i}`));
    await journal.flush();
    expect(trail.drafts).toHaveLength(1_000);
    // Who is longest ago was forgotten and counts as new.
    journal.used(origin('k1', 'address 29999'));
    journal.used(origin('k1', 'address 0'));
    await journal.flush();
    expect(trail.drafts.slice(1_000).map((draft) => draft.origin?.ip)).toEqual(['address 0']);
  });
});
