import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { AdminWorld, ask, changes, questions } from '../support/admin-requests.js';
import { adminOperations, type Operation } from '../support/openapi-walk.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

interface Event {
  readonly sequence: number;
  readonly action: string;
  readonly requestId: string | null;
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly [more: string]: unknown;
}

let gateway: TestGateway;
let world: AdminWorld;

beforeAll(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-openai-secret-1'] } } });
  world = new AdminWorld(gateway);
  await world.account();
}, 60_000);
afterAll(() => gateway.close());

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

async function events(query = ''): Promise<Event[]> {
  const { status, body } = await gateway.admin('GET', `/audit-events?limit=500${query}`);
  expect(status).toBe(200);
  return body['data'] as Event[];
}

const eventsOf = async (answer: { headers: Headers }): Promise<Event[]> => {
  const id = answer.headers.get('x-request-id');
  expect(id).toBeTruthy();
  return (await events()).filter(({ requestId }) => requestId === id);
};

describe('the audit log', () => {
  it('has exactly one event for each change by any route of the admin API, and none for a question', async () => {
    const changing = (await adminOperations(gateway)).filter(({ method }) => method !== 'GET');
    expect(changing.map(nameOf).sort()).toEqual([...Object.keys(changes), ...Object.keys(questions)].sort());
    for (const operation of changing) {
      const name = nameOf(operation);
      const change = changes[name];
      const answer = await ask(operation, change ?? questions[name] ?? never, world);
      const found = (await eventsOf(answer)).filter(({ action }) => action !== 'signed_in');
      expect({ name, events: found.length }).toEqual({ name, events: change === undefined ? 0 : 1 });
      if (change === undefined) continue;
      const [id] = /[0-9a-f-]{36}$|[0-9a-f-]{36}(?=\/[a-z-]+$)/.exec(answer.request.path) ?? [];
      const targets = String(found[0]?.['targets']);
      expect({ name, named: id === undefined || targets.includes(id), targets }).toMatchObject({
        named: true,
      });
      expect(targets).not.toContain('redacted');
      expect({ name, ok: answer.status < 300, actor: found[0]?.actor.kind, ip: found[0]?.['ip'] }).toEqual({
        name,
        ok: true,
        actor: 'root',
        ip: '127.0.0.1',
      });
    }
  }, 120_000);

  it('has no event for a change that was refused', async () => {
    const path = `/accounts/${await world.account()}`;
    const stale = await gateway.admin('PATCH', path, { weight: 2 }, { 'if-match': '"9"' });
    expect(stale.status).toBe(409);
    expect(await eventsOf(stale)).toEqual([]);
    const twice = await gateway.admin('POST', '/providers', { name: 'openai', kind: 'openai' });
    expect(twice.status).toBe(409);
    expect(await eventsOf(twice)).toEqual([]);
  });

  it('says what changed, as it was and as it is, and no more', async () => {
    const id = await world.account();
    const change = { weight: 7, notes: 'a secret thought', credential: 'sk-test-new-credential-9876' };
    const headers = { 'if-match': '"1"', 'x-correlation-id': 'ticket-42' };
    const answer = await gateway.admin('PATCH', `/accounts/${id}`, change, headers);
    expect(await eventsOf(answer)).toMatchObject([
      {
        action: 'account.credential_replaced',
        targets: [`account:${id}`],
        outcome: 'succeeded',
        correlationId: 'ticket-42',
        before: { weight: 1 },
        after: { weight: 7, credentialPreview: '…9876' },
      },
    ]);
    expect(JSON.stringify(await events())).not.toMatch(/secret thought|new-credential/);
  });

  it('says that an answer was given again', async () => {
    const headers = { 'idempotency-key': 'audit-1' };
    const body = { name: 'replayed', scopes: ['call'] };
    const made = await gateway.admin('POST', '/api-keys', body, headers);
    const again = await gateway.admin('POST', '/api-keys', body, headers);
    expect(again.body).toEqual(made.body);
    expect(await eventsOf(again)).toMatchObject([
      { action: 'answer.replayed', facts: { path: '/admin/v1/api-keys' } },
    ]);
  });

  it('is read with its own scope, and by no other', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'auditor', scopes: ['audit:read'] });
    const auditor = { authorization: `Bearer ${String(body['secret'])}` };
    for (const path of ['/audit-events', '/audit-events/verify']) {
      expect((await gateway.admin('GET', path, undefined, auditor)).status).toBe(200);
    }
    expect((await gateway.admin('GET', '/accounts', undefined, auditor)).status).toBe(403);
    const caller = { authorization: `Bearer ${gateway.callerKey}` };
    expect((await gateway.admin('GET', '/audit-events/export', undefined, caller)).status).toBe(403);
  });

  it('says which question about it makes no sense', async () => {
    for (const query of ['target=nonsense', 'from=yesterday', 'outcome=maybe', 'cursor=x', 'limit=501']) {
      expect((await gateway.admin('GET', `/audit-events?${query}`)).status).toBe(400);
    }
  });
});

describe('an export of the audit log', () => {
  const download = async (query: string): Promise<{ text: string; response: Response }> => {
    const response = await fetch(`${gateway.url}/admin/v1/audit-events/export?${query}`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    return { response, text: await response.text() };
  };

  it('is a file with a signed manifest of what it holds, and itself an event', async () => {
    const { response, text } = await download('format=jsonl');
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event & { hash: string });
    const manifest = JSON.parse(response.headers.get('x-audit-manifest') ?? '') as Record<string, unknown>;
    expect(manifest).toMatchObject({
      format: 'jsonl',
      events: lines.length,
      firstSequence: 1,
      lastSequence: lines.at(-1)?.sequence,
      headHash: lines.at(-1)?.hash,
      sha256: createHash('sha256').update(text).digest('hex'),
      signature: expect.any(String),
    });
    const [event] = await events('&action=audit.exported');
    expect(event).toMatchObject({ facts: { manifest }, sequence: lines.length + 1 });
  });

  it('does nothing in a spreadsheet but be seen', async () => {
    await gateway.admin('POST', '/routes', {
      name: '=HYPERLINK("http://evil")',
      tiers: [[{ provider: 'openai', model: 'm' }]],
    });
    const formula = { 'x-correlation-id': '=1+1' };
    await gateway.admin('POST', '/quota-groups', { provider: 'openai', name: '+formula' }, formula);
    const { response, text } = await download('format=csv&action=quota_group.created');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')[0]).toMatch(/^sequence,at,actorKind/);
    expect(text).toContain(",'=1+1,");
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
  });
});

describe('refusals and sign-ins', () => {
  it('are counted a minute at a time, by reason and key', async () => {
    const { body: caller } = await gateway.admin('POST', '/api-keys', { name: 'curious', scopes: ['call'] });
    const curious = { authorization: `Bearer ${String(caller['secret'])}` };
    for (let i = 0; i < 3; i += 1) await gateway.admin('GET', '/accounts', undefined, curious);
    for (const key of ['wrong-1', 'wrong-2']) {
      await gateway.admin('GET', '/accounts', undefined, { authorization: `Bearer ${key}` });
    }
    const call = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer wrong-3' },
    });
    expect(call.status).toBe(401);
    await gateway.restart();
    const denied = await events('&action=denied');
    expect(denied).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          actor: { kind: 'api_key', id: caller['id'] },
          outcome: 'refused',
          ip: '127.0.0.1',
          facts: { reason: 'insufficient_scope', count: 3 },
        }),
        expect.objectContaining({
          actor: { kind: 'unknown', id: null },
          facts: { reason: 'invalid_api_key', count: 3 },
        }),
      ]),
    );
    expect(JSON.stringify(denied)).not.toContain('wrong-');
    const signIns = await events('&action=signed_in&actor=root');
    expect(signIns).toMatchObject([{ ip: '127.0.0.1' }]);
  }, 60_000);
});

describe('a log that was tampered with', () => {
  it('is told apart from one that was not, also when its tail is cut behind the last checkpoint', async () => {
    expect((await gateway.admin('GET', '/audit-events/verify')).body).toMatchObject({
      ok: true,
      firstBadSequence: null,
    });
    await gateway.restart();
    const lines = (await readFile(join(gateway.dataDir, 'audit-checkpoints.jsonl'), 'utf8'))
      .trim()
      .split('\n');
    const { sequence } = JSON.parse(lines.at(-1) ?? '') as { sequence: number };
    const intruder = new pg.Client({ connectionString: gateway.ownerUrl.reveal() });
    await intruder.connect();
    await intruder.query('ALTER TABLE ONLY audit_events DISABLE TRIGGER refuse_change');
    await intruder.query(`DELETE FROM audit_events WHERE sequence > ${sequence - 2}`);
    await intruder.end();
    expect((await gateway.admin('GET', '/audit-events/verify')).body).toMatchObject({
      ok: false,
      reason: 'cut',
      firstBadSequence: sequence - 1,
    });
  }, 60_000);
});

const never = (): never => {
  throw new Error('not in the table of requests');
};
