import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
});
afterAll(() => gateway.close());

const draft = { name: 'once', scopes: ['call'] };
const post = (key: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  gateway.admin('POST', path, body, { 'idempotency-key': key, ...headers });
const keyNames = async (): Promise<string[]> => {
  const { body } = await gateway.admin('GET', '/api-keys?limit=500');
  return (body['data'] as { name: string }[]).map(({ name }) => name);
};

describe('a POST that is sent again with its Idempotency-Key', () => {
  it('is done once and answered alike, secret and status included', async () => {
    const key = randomUUID();
    const first = await post(key, '/api-keys', draft);
    const second = await post(key, '/api-keys', draft);
    expect(first.status).toBe(201);
    expect({ status: second.status, body: second.body }).toEqual({ status: 201, body: first.body });
    expect([first, second].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect((await keyNames()).filter((name) => name === 'once')).toHaveLength(1);
  });

  it('is done once also when it is sent many times at once', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(key, '/api-keys', { ...draft, name: 'racing' })),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses.has(201)).toBe(true);
    expect([...statuses].filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect((await keyNames()).filter((name) => name === 'racing')).toHaveLength(1);
  });

  it('is refused with another body or at another place', async () => {
    const key = randomUUID();
    await post(key, '/api-keys', { ...draft, name: 'first' });
    for (const answer of [
      await post(key, '/api-keys', { ...draft, name: 'other' }),
      await post(key, '/quota-groups', { ...draft, name: 'first' }),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', field: 'Idempotency-Key' } });
    }
  });

  it('may be mended and sent again after it failed', async () => {
    const key = randomUUID();
    expect((await post(key, '/api-keys', { name: 'mended', scopes: [] })).status).toBe(400);
    expect((await post(key, '/api-keys', { name: 'mended', scopes: ['call'] })).status).toBe(201);
  });

  it('has nothing to do with the same key of another client', async () => {
    const key = randomUUID();
    const { body } = await gateway.admin('POST', '/api-keys', {
      name: 'admin',
      scopes: ['admin:write', 'call'],
    });
    const other = { authorization: `Bearer ${String(body['secret'])}` };
    const mine = await post(key, '/api-keys', draft);
    const theirs = await post(key, '/api-keys', draft, other);
    expect(theirs.status).toBe(201);
    expect(theirs.body['id']).not.toBe(mine.body['id']);
  });

  it('has a key that can be kept', async () => {
    for (const key of ['x'.repeat(256), 'two words']) {
      expect(await post(key, '/api-keys', draft)).toMatchObject({ status: 400 });
    }
  });
});

describe('what is kept', () => {
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: gateway.database.url.reveal() });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return rows;
  };

  it('holds no secret in clear', async () => {
    const { body } = await post(randomUUID(), '/api-keys', draft);
    const [dump] = await query(`SELECT string_agg(a::text, ' ') AS text FROM idempotent_answers a`);
    const secret = String(body['secret']);
    expect(dump?.['text']).not.toContain(secret);
    expect(dump?.['text']).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('is forgotten after a day, and a claim of a process that died after five minutes', async () => {
    const key = randomUUID();
    const first = await post(key, '/api-keys', draft);
    await query(
      `UPDATE idempotent_answers SET claimed_at = claimed_at - interval '25 hours' WHERE key = '${key}'`,
    );
    const second = await post(key, '/api-keys', draft);
    expect(second.body['id']).not.toBe(first.body['id']);
    await query(`UPDATE idempotent_answers SET sealed = NULL WHERE key = '${key}'`);
    expect((await post(key, '/api-keys', draft)).status).toBe(409);
    await query(
      `UPDATE idempotent_answers SET claimed_at = claimed_at - interval '6 minutes' WHERE key = '${key}'`,
    );
    expect((await post(key, '/api-keys', draft)).status).toBe(201);
  });
});
