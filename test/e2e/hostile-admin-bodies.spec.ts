import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminWorld, changes, questions, type Prepare } from '../support/admin-requests.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
let world: AdminWorld;
let members: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  // No account is called: base URLs are changed, never dialled.
  gateway = await startTestGateway({ providers: {} });
  world = new AdminWorld(gateway);
  members = await bodyMembers();
});
afterAll(() => gateway.close());

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The members of each operation's body, by `METHOD /path`, as the API document names them. */
async function bodyMembers(): Promise<ReadonlyMap<string, readonly string[]>> {
  const document = (await (await fetch(`${gateway.url}/docs-json`)).json()) as {
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
    components: { schemas: Record<string, Schema> };
  };
  const found = new Map<string, readonly string[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const { $ref = '' } = requestBody?.content['application/json']?.schema ?? {};
      const { properties = {} } = document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {};
      found.set(`${method.toUpperCase()} ${path.replace('/admin/v1', '')}`, Object.keys(properties));
    }
  }
  return found;
}

const hostile: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  true,
  '',
  '\u0000',
  'x'.repeat(100_000),
  [],
  [null],
  [[]],
  {},
  { a: null },
  { toString: 1, __proto__: 1, constructor: null },
];
const bodies = Object.entries({ ...changes, ...questions }).filter(([name]) => !name.startsWith('DELETE'));

describe('a member of an admin body that is of the wrong kind', () => {
  it.each(bodies)('is never a fault of ours: %s', async (name, prepare: Prepare) => {
    const failures: unknown[] = [];
    const [method = ''] = name.split(' ');
    let request = await prepare(world);
    for (const member of members.get(name) ?? []) {
      for (const value of hostile) {
        const body = { ...(request.body as object), [member]: value };
        const { status } = await gateway.admin(method, request.path, body, request.headers);
        if (status >= 500) failures.push({ member, value: JSON.stringify(value).slice(0, 40), status });
        // What was taken has changed what there was.
        if (status < 300) request = await prepare(world);
      }
    }
    expect(failures).toEqual([]);
  });
});
