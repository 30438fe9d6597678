import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scopes } from '#api-keys';
import { adminOperations, type Operation } from '../support/openapi-walk.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const nobody = '00000000-0000-4000-8000-000000000000';

let gateway: TestGateway;
const keys = new Map<string, string>();

beforeAll(async () => {
  gateway = await startTestGateway({ providers: {} }, { TRUSTED_PROXIES: '1' });
  for (const scope of scopes) {
    const { body } = await gateway.admin('POST', '/api-keys', { name: scope, scopes: [scope] });
    keys.set(scope, String(body['secret']));
  }
});
afterAll(() => gateway.close());

/** What a request with nothing in it comes to: enough to see whether it gets past the guard. */
async function send(
  { method, path }: Operation,
  key: string,
  from = '203.0.113.1',
): Promise<{ status: number; code: unknown }> {
  const withoutBody = method === 'GET' || method === 'DELETE';
  const abort = new AbortController();
  const response = await fetch(`${gateway.url}/admin/v1${path.replaceAll(/\{\w+\}/g, nobody)}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-forwarded-for': from },
    body: withoutBody ? null : '{}',
    signal: abort.signal,
  });
  const { status } = response;
  if (status < 400) {
    // Some answers never end.
    abort.abort();
    return { status, code: null };
  }
  const { code } = (await response.json()) as { code?: unknown };
  return { status, code };
}

describe('every admin route of the OpenAPI document', () => {
  it('is open to the scope that it names', async () => {
    const all = await adminOperations(gateway);
    expect(all.length).toBeGreaterThan(30);
    for (const operation of all) {
      const { status, code } = await send(operation, keys.get(operation.scope) ?? '');
      expect({ operation, code, isOpen: status !== 401 && status !== 403 }).toMatchObject({ isOpen: true });
    }
  });

  it('is closed to every other scope', async () => {
    for (const operation of await adminOperations(gateway)) {
      for (const scope of scopes.filter((each) => each !== operation.scope)) {
        const answer = await send(operation, keys.get(scope) ?? '');
        expect({ operation, scope, ...answer }).toMatchObject({ status: 403, code: 'insufficient_scope' });
      }
    }
  });

  it('is closed to a key that is none', async () => {
    for (const operation of await adminOperations(gateway)) {
      expect({ operation, ...(await send(operation, 'nonsense', '203.0.113.2')) }).toMatchObject({
        code: 'invalid_api_key',
      });
    }
  });
});

describe('calls', () => {
  it.each(scopes.filter((scope) => scope !== 'call'))('are closed to the scope %s', async (scope) => {
    const response = await fetch(`${gateway.url}/v1/models`, {
      headers: { 'x-api-key': keys.get(scope) ?? '' },
    });
    expect(response.status).toBe(403);
  });
});

describe('a key that makes keys', () => {
  const as = (scope: string) => ({ authorization: `Bearer ${keys.get(scope) ?? ''}` });

  it('makes none that can do more than itself', async () => {
    const make = (given: string[]) =>
      gateway.admin('POST', '/api-keys', { name: 'made', scopes: given }, as('admin:write'));
    expect((await make(['admin:write'])).status).toBe(201);
    for (const scope of scopes.filter((each) => each !== 'admin:write')) {
      expect(await make(['admin:write', scope])).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope', field: 'scopes' },
      });
    }
  });

  it('does not give itself more', async () => {
    const { body } = await gateway.admin('GET', '/api-keys?limit=500');
    const own = (body['data'] as { id: string; name: string }[]).find(({ name }) => name === 'admin:write');
    const grown = await gateway.admin(
      'PATCH',
      `/api-keys/${own?.id ?? ''}`,
      { scopes: [...scopes] },
      {
        ...as('admin:write'),
        'if-match': '1',
      },
    );
    expect(grown).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
  });
});

describe('a pasted key', () => {
  it('is found by its body, never by its URL, and shown without its secret', async () => {
    const { body: made } = await gateway.admin('POST', '/api-keys', { name: 'leaked', scopes: ['call'] });
    const { secret, ...view } = made;
    const found = await gateway.admin('POST', '/api-keys/search', { key: secret });
    expect(found).toMatchObject({ status: 200, body: view });
    expect(found.body).not.toHaveProperty('secret');
    for (const key of ['', 'sk-nothing', `${String(secret)}x`]) {
      expect(await gateway.admin('POST', '/api-keys/search', { key })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    }
  });
});
