import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import {
  ApiKeysService,
  ApiKeyVerifier,
  RotationClaims,
  RotationPolicies,
  RotationService,
  type RotationView,
} from '#api-keys';
import { AuditLog } from '#audit';
import type { Secret } from '#kernel';
import { RotationRunner } from '../../../libs/api-keys/src/rotation/rotation-runner.js';
import { root } from './api-keys-process.js';

/** One day, ms. */
export const dayMs = 86_400_000;

/** What specs of rotation by policy do with a process of the gateway. */
export class RotationBench {
  readonly keys: ApiKeysService;
  readonly policies: RotationPolicies;
  readonly rotations: RotationService;
  readonly claims: RotationClaims;

  constructor(readonly app: TestingModule) {
    this.keys = app.get(ApiKeysService);
    this.policies = app.get(RotationPolicies);
    this.rotations = app.get(RotationService);
    this.claims = app.get(RotationClaims);
  }

  tick = (): Promise<void> => this.app.get(RotationRunner).tick();

  /** A key under a policy of its own. */
  async keyUnder(policy: object = {}, key: object = {}, by = root) {
    const { key: made, secret } = await this.keys.create({ name: 'team', scopes: ['call'], ...key }, root);
    const written = await this.policies.create(
      {
        name: made.id,
        target: { kind: 'api_key', ids: [made.id] },
        everyDays: 30,
        delivery: { kind: 'claim' },
        ...policy,
      },
      by,
    );
    return { ...written, id: made.id, old: secret };
  }

  holderOf(secret: Secret | null): string | null {
    return secret === null ? null : (this.app.get(ApiKeyVerifier).verify(secret.reveal())?.apiKeyId ?? null);
  }

  async runsOf(id: string): Promise<readonly RotationView[]> {
    return (await this.rotations.list({ limit: 100, cursor: null }, id)).data;
  }

  /** The newest. */
  async runOf(id: string): Promise<RotationView> {
    const [run] = await this.runsOf(id);
    if (run === undefined) throw new Error('there is no rotation');
    return run;
  }

  async secretsOf(id: string): Promise<number> {
    const [row] = await this.app
      .get(DataSource)
      .query<{ count: string }[]>('SELECT count(*) FROM api_key_secrets WHERE api_key_id = $1', [id]);
    return Number(row?.count);
  }

  /** Actions of the audit log about a key, the oldest first. */
  async eventsOf(id: string): Promise<string[]> {
    const page = { limit: 500, cursor: null };
    const { data } = await this.app.get(AuditLog).list(page, { target: `api_key:${id}` });
    return data
      .map(({ action }) => action)
      .filter((action) => action.startsWith('rotation.'))
      .reverse();
  }
}
