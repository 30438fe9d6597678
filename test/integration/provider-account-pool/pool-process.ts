import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ProviderRegistry, UpstreamClient, type ModelsResult, type ProbeResult } from '#ai-provider';
import { AuditModule } from '#audit';
import type { NamedKey } from '#config';
import { asId, CLOCK, RANDOM, Secret, type Clock, type ProviderFailure } from '#kernel';
import { Logger, Metrics, PrometheusMetrics } from '#observability';
import { PersistenceModule } from '#persistence';
import {
  AccountScheduler,
  ProviderAccountPoolModule,
  type Lease,
  type LeaseDecision,
  type LeaseRequest,
  type ProviderAccountPoolOptions,
} from '#provider-account-pool';
import { SecretsModule, type SecretsOptions } from '#secrets';
import { aModelCall } from '../../support/a-model-call.js';
export { codeOf } from '../../support/code-of.js';
import { silentLogger } from '../../support/silent-logger.js';

/** Who changes things in tests. */
export const actor = 'ops';
/** The first page of a list. */
export const page = { limit: 100, cursor: null };
/** Postgres of the test run starts with the first spec that needs it: on a busy machine that takes its time. */
export const startMs = 60_000;

/** A clock that only a test moves. */
export class ManualClock implements Clock {
  private atMs = Date.now();

  nowMs(): number {
    return this.atMs;
  }

  advanceMs(ms: number): void {
    this.atMs += ms;
  }
}

/** A provider of which only the key tests are called; it counts them, and a test may hold the answer back. */
export class ProbedUpstream extends UpstreamClient {
  readonly probed: string[] = [];
  modelsAnswer: () => Promise<ModelsResult> = async () => ({ kind: 'unsupported' });
  answer: () => Promise<ProbeResult> = async () => ({ ok: true, latencyMs: 12.4, limits: [] });

  send(): never {
    throw new Error('no call is made by the pool itself');
  }

  probe(_adapter: unknown, { credential }: { credential: Secret }): Promise<ProbeResult> {
    this.probed.push(credential.reveal());
    return this.answer();
  }

  models(): Promise<ModelsResult> {
    return this.modelsAnswer();
  }
}

/** What a process is given. */
export interface PoolProcessOptions {
  /** `null` for none. */
  readonly url: Secret | null;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly upstream?: UpstreamClient;
  readonly pool?: ProviderAccountPoolOptions;
  /** Encryption keys of its own, say; default: those of every other process. */
  readonly secrets?: Partial<SecretsOptions>;
}

const namedKey = (id: string): NamedKey => ({
  id,
  material: new Secret(randomBytes(32).toString('base64')),
});

const encryptionKeys = [namedKey('key')];
const keyPeppers = [namedKey('pepper')];

/** Starts what a process of the gateway needs for its pools; nothing is done by the clock, tests call the jobs. */
export async function startPool(options: PoolProcessOptions): Promise<TestingModule> {
  const { url } = options;
  const storage =
    url === null
      ? []
      : [
          PersistenceModule.forRoot({ url, poolSize: 4 }),
          SecretsModule.forRoot({
            dataDir: '/nonexistent',
            encryptionKeys,
            keyPeppers,
            ...options.secrets,
          }),
          AuditModule.forRoot({ dataDir: '/nonexistent', ownerUrl: url, retentionMonths: null }),
        ];
  const module = await Test.createTestingModule({
    imports: [
      surroundings(options),
      ...storage,
      ProviderAccountPoolModule.forRoot({ ...options.pool, storage: url === null ? 'none' : 'postgres' }),
    ],
  }).compile();
  try {
    return await module.init();
  } catch (error) {
    await module.close();
    throw error;
  }
}

@Global()
@Module({})
class Surroundings {}

function surroundings({
  clock = { nowMs: () => Date.now() },
  logger = silentLogger,
  upstream = new ProbedUpstream(),
}: PoolProcessOptions): DynamicModule {
  const providers = [
    { provide: CLOCK, useValue: clock },
    { provide: RANDOM, useValue: Math.random },
    { provide: Logger, useValue: logger },
    { provide: Metrics, useValue: new PrometheusMetrics() },
    { provide: ProviderRegistry, useValue: new ProviderRegistry() },
    { provide: UpstreamClient, useValue: upstream },
  ];
  return { module: Surroundings, providers, exports: providers.map(({ provide }) => provide) };
}

/** A chat call, as the router asks for it. */
export function aCall(more: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    call: aModelCall({ id: asId<'Call'>(randomUUIDv7()) }),
    provider: 'openai',
    model: 'gpt-5',
    inputTokens: 10,
    maxOutputTokens: 10,
    price: null,
    affinity: null,
    callerId: '',
    callerWeight: 1,
    exclude: new Set(),
    ...more,
  };
}

/** Acquires, and insists on a lease. */
export function leaseOf(app: TestingModule, more: Partial<LeaseRequest> = {}): Lease {
  const decision: LeaseDecision = app.get(AccountScheduler).acquire(aCall(more));
  if (decision.kind === 'leased') return decision.lease;
  throw new Error(`refused, ${decision.why}: ${reasonsOf(decision).join()}`);
}

/** What stands in the way at each account; nothing when one serves. */
export const reasonsOf = (decision: LeaseDecision): string[] =>
  decision.kind === 'leased' ? [] : Array.from(decision.refusals, ({ reason }) => reason);

/** A failure of the account, by class. */
export const aFailure = (more: Partial<ProviderFailure> = {}): ProviderFailure => ({
  class: 'authentication',
  scope: 'account',
  rule: 'openai.invalid_api_key',
  retryAfterMs: null,
  ...more,
});

/** Makes one call that fails. */
export function fail(app: TestingModule, failure: ProviderFailure, more: Partial<LeaseRequest> = {}): Lease {
  const lease = leaseOf(app, more);
  lease.settle({ kind: 'failed', failure, tokens: null, limits: [], durationMs: 1 });
  return lease;
}

/** Makes one call that succeeds. */
export function succeed(app: TestingModule, more: Partial<LeaseRequest> = {}): Lease {
  const lease = leaseOf(app, more);
  lease.settle({ kind: 'succeeded', tokens: null, limits: [], firstByteMs: 1, durationMs: 1 });
  return lease;
}
