import pg from 'pg';
import type { Operation } from './openapi-walk.js';
import type { AdminAnswer, TestGateway } from './test-gateway.js';
import { until } from './until.js';

/** A request that an operation takes. */
export interface AdminRequest {
  /** With every id filled in. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Makes what an operation needs and says how to ask it. Whatever is made, is made before, by other requests. */
export type Prepare = (world: AdminWorld) => Promise<AdminRequest>;

/** Makes things to change. Each call makes a new one. */
export class AdminWorld {
  private made = 0;

  /** @param secretOf what stands wherever a request takes a secret */
  constructor(
    readonly gateway: Pick<TestGateway, 'admin' | 'ownerUrl'>,
    private readonly secretOf: (name: string) => string = (name) => `sk-test-${name}-0123456789`,
  ) {}

  name(): string {
    this.made += 1;
    return `n${this.made}`;
  }

  secret(): string {
    return this.secretOf(this.name());
  }

  account = (): Promise<string> =>
    this.make('/accounts', { provider: 'openai', name: this.name(), credential: this.secret() });

  provider = (): Promise<string> =>
    this.make('/providers', {
      name: this.name(),
      kind: 'openai-compatible',
      baseUrl: 'http://127.0.0.1:1/v1',
    });

  quotaGroup = (): Promise<string> => this.make('/quota-groups', { provider: 'openai', name: this.name() });

  route = (): Promise<string> => this.make('/routes', { name: this.name(), tiers });

  key = (): Promise<string> => this.make('/api-keys', { name: this.name(), scopes: ['call'] });

  rotationPolicy = (ids: string[] = []): Promise<string> =>
    this.make('/rotation-policies', rotationPolicy(this.name(), ids));

  /** A rotation by policy, begun now. */
  async rotation(state: 'awaiting_claim' | 'aborted'): Promise<string> {
    const key = await this.key();
    await this.rotationPolicy([key]);
    const id = await this.begun(key);
    if (state === 'aborted') await this.gateway.admin('POST', `/rotations/${id}/abort`);
    return id;
  }

  failureRule = (provider: string): Promise<string> =>
    this.make(`/providers/${provider}/failure-rules`, failureRule(this.name()));

  /** Has the timetable say that a key is due, and waits for its rotation. */
  async begun(key: string): Promise<string> {
    const client = new pg.Client({ connectionString: this.gateway.ownerUrl.reveal() });
    await client.connect();
    await client.query(
      'UPDATE rotation_targets SET due_at = now(), next_look_at = now() WHERE api_key_id = $1',
      [key],
    );
    const look = () => client.query<{ id: string }>('SELECT id FROM rotations WHERE api_key_id = $1', [key]);
    const { rows } = await until(look, ({ rowCount }) => rowCount === 1);
    await client.end();
    return rows[0]?.id ?? '';
  }

  private async make(path: string, body: object): Promise<string> {
    const answer = await this.gateway.admin('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return String(answer.body['id']);
  }
}

const tiers = [[{ provider: 'openai', model: 'gpt-4o-mini' }]];
const failureRule = (name: string): object => ({ name, match: { status: 418 }, class: 'overloaded' });
const rotationPolicy = (name: string, ids: string[]): object => ({
  name,
  target: { kind: 'api_key', ids },
  everyDays: 90,
  delivery: { kind: 'claim' },
});
const first = { 'if-match': '"1"' };

/** How each operation that changes something is asked. An operation that is not here fails the walk: add it. */
export const changes: Readonly<Record<string, Prepare>> = {
  'POST /providers': async (world) => ({
    path: '/providers',
    body: { name: world.name(), kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' },
  }),
  'PATCH /providers/{id}': async (world) => ({
    path: `/providers/${await world.provider()}`,
    body: { strategy: 'circular' },
    headers: first,
  }),
  'DELETE /providers/{id}': async (world) => ({ path: `/providers/${await world.provider()}` }),
  'POST /providers/{providerId}/failure-rules': async (world) => ({
    path: `/providers/${await world.provider()}/failure-rules`,
    body: failureRule(world.name()),
  }),
  'PATCH /providers/{providerId}/failure-rules/{ruleId}': async (world) => {
    const provider = await world.provider();
    const path = `/providers/${provider}/failure-rules/${await world.failureRule(provider)}`;
    return { path, body: { enabled: false }, headers: first };
  },
  'DELETE /providers/{providerId}/failure-rules/{ruleId}': async (world) => {
    const provider = await world.provider();
    return { path: `/providers/${provider}/failure-rules/${await world.failureRule(provider)}` };
  },
  'POST /quota-groups': async (world) => ({
    path: '/quota-groups',
    body: { provider: 'openai', name: world.name(), limits: { rpm: 10 } },
  }),
  'PATCH /quota-groups/{id}': async (world) => ({
    path: `/quota-groups/${await world.quotaGroup()}`,
    body: { limits: { rpm: 20 } },
    headers: first,
  }),
  'DELETE /quota-groups/{id}': async (world) => ({ path: `/quota-groups/${await world.quotaGroup()}` }),
  'POST /accounts': async (world) => ({
    path: '/accounts',
    body: { provider: 'openai', name: world.name(), credential: world.secret(), notes: 'a note' },
  }),
  'POST /accounts/search': async (world) => ({
    path: '/accounts/search',
    body: { credential: world.secret() },
  }),
  'PATCH /accounts/{id}': async (world) => ({
    path: `/accounts/${await world.account()}`,
    body: { weight: 2, credential: world.secret() },
    headers: first,
  }),
  'DELETE /accounts/{id}': async (world) => ({ path: `/accounts/${await world.account()}` }),
  'POST /accounts/{id}/enable': async (world) => ({ path: `/accounts/${await world.account()}/enable` }),
  'POST /accounts/{id}/disable': async (world) => ({
    path: `/accounts/${await world.account()}/disable`,
    body: { reason: 'a drill' },
  }),
  'POST /accounts/{id}/pause': async (world) => ({
    path: `/accounts/${await world.account()}/pause`,
    body: { forSeconds: 60 },
  }),
  'POST /accounts/{id}/compromised': async (world) => ({
    path: `/accounts/${await world.account()}/compromised`,
    body: { reason: 'found in a repository' },
  }),
  'POST /accounts/{id}/test': async (world) => ({
    path: `/accounts/${await world.account()}/test`,
    body: {},
  }),
  'POST /accounts/{id}/models/refresh': async (world) => ({
    path: `/accounts/${await world.account()}/models/refresh`,
  }),
  'POST /accounts/{id}/clear-cooldown': async (world) => ({
    path: `/accounts/${await world.account()}/clear-cooldown`,
  }),
  'POST /routes': async (world) => ({ path: '/routes', body: { name: world.name(), tiers } }),
  'PATCH /routes/{id}': async (world) => ({
    path: `/routes/${await world.route()}`,
    body: { name: world.name() },
    headers: first,
  }),
  'DELETE /routes/{id}': async (world) => ({ path: `/routes/${await world.route()}` }),
  'POST /rotation-policies': async (world) => ({
    path: '/rotation-policies',
    body: rotationPolicy(world.name(), [await world.key()]),
  }),
  'PATCH /rotation-policies/{id}': async (world) => ({
    path: `/rotation-policies/${await world.rotationPolicy([await world.key()])}`,
    body: { graceSeconds: 60, delivery: { kind: 'webhook', url: 'https://203.0.113.1/' } },
    headers: first,
  }),
  'DELETE /rotation-policies/{id}': async (world) => ({
    path: `/rotation-policies/${await world.rotationPolicy()}`,
  }),
  'POST /rotations/{id}/claim-token': async (world) => ({
    path: `/rotations/${await world.rotation('awaiting_claim')}/claim-token`,
  }),
  'POST /rotations/{id}/abort': async (world) => ({
    path: `/rotations/${await world.rotation('awaiting_claim')}/abort`,
  }),
  'POST /rotations/{id}/retry': async (world) => ({
    path: `/rotations/${await world.rotation('aborted')}/retry`,
  }),
  'POST /encryption/rewrap': async () => ({ path: '/encryption/rewrap' }),
  'POST /api-keys': async (world) => ({
    path: '/api-keys',
    body: { name: world.name(), scopes: ['call'], metadata: { team: 'search' } },
  }),
  'PATCH /api-keys/{id}': async (world) => ({
    path: `/api-keys/${await world.key()}`,
    body: { owner: 'ops' },
    headers: first,
  }),
  'PUT /api-keys/{id}/ip-allowlist': async (world) => ({
    path: `/api-keys/${await world.key()}/ip-allowlist`,
    body: { entries: ['192.0.2.0/24'], mode: 'enforce' },
  }),
  'DELETE /api-keys/{id}': async (world) => ({ path: `/api-keys/${await world.key()}` }),
  'POST /api-keys/{id}/rotate': async (world) => ({
    path: `/api-keys/${await world.key()}/rotate`,
    body: { graceSeconds: 60 },
  }),
  'POST /api-keys/{id}/revoke': async (world) => ({ path: `/api-keys/${await world.key()}/revoke` }),
  'POST /api-keys/{id}/disable': async (world) => ({ path: `/api-keys/${await world.key()}/disable` }),
  'POST /api-keys/{id}/enable': async (world) => ({ path: `/api-keys/${await world.key()}/enable` }),
};

/** Operations that are POSTs and change nothing: what they are asked is too much for a URL. */
export const questions: Readonly<Record<string, Prepare>> = {
  'POST /pools/explain': async () => ({ path: '/pools/explain', body: { model: 'openai/gpt-4o-mini' } }),
  'POST /pools/what-if': async () => ({ path: '/pools/what-if', body: { provider: 'openai', changes: [] } }),
  'POST /api-keys/search': async (world) => ({ path: '/api-keys/search', body: { key: world.secret() } }),
  'POST /providers/{providerId}/failure-rules/dry-run': async (world) => ({
    path: `/providers/${await world.provider()}/failure-rules/dry-run`,
    body: failureRule(world.name()),
  }),
};

/** Asks for an operation. */
export async function ask(
  { method }: Operation,
  prepare: Prepare,
  world: AdminWorld,
): Promise<AdminAnswer & { readonly request: AdminRequest }> {
  const request = await prepare(world);
  const { path, body, headers } = request;
  return { ...(await world.gateway.admin(method, path, body, headers)), request };
}
