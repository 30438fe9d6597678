import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminOperations } from '../support/openapi-walk.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
let key: string;
let asked = 0;

beforeAll(async () => {
  gateway = await startTestGateway({ providers: {} }, { TRUSTED_PROXIES: '1' });
  const { body } = await gateway.admin('POST', '/api-keys', {
    name: 'all',
    scopes: ['call', 'admin:read', 'admin:operate', 'admin:write', 'audit:read'],
  });
  key = String(body['secret']);
}, 60_000);
afterAll(() => gateway.close());

async function statusOf(method: string, path: string): Promise<number> {
  asked += 1;
  const response = await fetch(`${gateway.url}/admin/v1${path}`, {
    method,
    // Each from another network, for the throttle is not what is asked about.
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'if-match': '1',
      'x-forwarded-for': `203.0.${asked >> 8}.${asked & 255}`,
    },
    body: method === 'GET' || method === 'DELETE' ? null : '{}',
  });
  await response.text();
  return response.status;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64url');
const nobody = '00000000-0000-7000-8000-000000000000';
const texts = [
  '',
  '%00',
  'x%00y',
  '%ff%fe',
  '%F0%9F%92%A9',
  "';DROP TABLE accounts;--",
  '..%2f..%2fhealthz',
  '__proto__',
  'NaN',
  '-1',
  '1e400',
  '9223372036854775808',
  '2026-13-45T99:99:99Z',
  'a'.repeat(4_000),
  nobody,
  `${nobody}'`,
  base64(''),
  base64('\0'),
  base64(nobody),
  base64(`${nobody}' OR true`),
  base64('-1'),
  base64('99999999999999999999'),
  base64('{"id":1}'),
  base64('a'.repeat(3_000)),
];

/** Requests that we ourselves were to blame for, if anybody was. */
async function ourFaults(asks: readonly (readonly [method: string, path: string])[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [method, path] of asks) {
    if ((await statusOf(method, path)) >= 500) faults.push(`${method} ${path}`.slice(0, 200));
  }
  return faults;
}

describe('whatever stands in a URL of the admin API', () => {
  it('as an id is never a fault of ours', async () => {
    const all = (await adminOperations(gateway)).filter(({ path }) => path.includes('{'));
    expect(all.length).toBeGreaterThan(20);
    const asks = all.flatMap(({ method, path }) =>
      texts.map((text) => [method, path.replaceAll(/\{\w+\}/g, text)] as const),
    );
    expect(await ourFaults(asks)).toEqual([]);
  }, 180_000);

  it('as a cursor, a filter or a bound is never a fault of ours', async () => {
    const all = (await adminOperations(gateway)).filter(({ queries }) => queries.length > 0);
    expect(all.length).toBeGreaterThan(8);
    const asks = all.flatMap(({ method, path, queries }) =>
      queries.flatMap((name) =>
        [...texts.map((text) => `${name}=${text}`), `${name}=1&${name}=2&${name}[a]=3`].map(
          (query) => [method, `${path.replaceAll(/\{\w+\}/g, nobody)}?${query}`] as const,
        ),
      ),
    );
    expect(await ourFaults(asks)).toEqual([]);
  }, 180_000);
});
