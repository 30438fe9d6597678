import type { TestingModule } from '@nestjs/testing';
import { AccountsService, type AccountStateView, type TimelineEvent } from '#provider-account-pool';
import { HealthJobs } from '../../../libs/provider-account-pool/src/health/health-jobs.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { breakable, type BreakableDatabase } from '../../support/breakable-database.js';
import { actor, aFailure, fail, ManualClock, page, ProbedUpstream, startPool } from './pool-process.js';

const minuteMs = 60_000;

/** A 429 with ten minutes to wait. */
export const rateLimited = aFailure({
  class: 'rate_limited',
  rule: 'openai.rate_limit',
  retryAfterMs: 10 * minuteMs,
});

const overloaded = aFailure({ class: 'overloaded', scope: 'provider', rule: 'openai.overloaded' });

/** Processes of one gateway, on one database that can be cut off, with one account. */
export class HealthBench {
  readonly clock = new ManualClock();
  readonly upstream = new ProbedUpstream();
  private readonly running = new Set<TestingModule>();
  private app: TestingModule | null = null;
  private id = '';

  private constructor(
    private readonly database: TestDatabase,
    readonly relay: BreakableDatabase,
  ) {}

  static async open(): Promise<HealthBench> {
    const database = await createTestDatabase();
    const bench = new HealthBench(database, await breakable(database.url));
    bench.app = await bench.start();
    const draft = { provider: 'openai', name: 'main', credential: 'sk-0123456789' };
    bench.id = (await bench.first.get(AccountsService).create(draft, actor)).id;
    return bench;
  }

  /** The process all started with, or what took its place. */
  get first(): TestingModule {
    if (this.app === null) throw new Error('not started');
    return this.app;
  }

  /** The one account. */
  get accountId(): string {
    return this.id;
  }

  async start(): Promise<TestingModule> {
    const started = await startPool({ url: this.relay.url, clock: this.clock, upstream: this.upstream });
    this.running.add(started);
    return started;
  }

  /** Stops the first process and starts another in its place. */
  async restart(): Promise<void> {
    await this.stop();
    await this.resume();
  }

  /** Starts a process in place of the first, which was stopped. */
  async resume(): Promise<void> {
    this.app = await this.start();
  }

  async stop(): Promise<void> {
    this.running.delete(this.first);
    await this.first.close();
  }

  state(app = this.first): AccountStateView {
    return app.get(AccountsService).get(this.id).state;
  }

  jobs(app = this.first): HealthJobs {
    return app.get(HealthJobs);
  }

  async lines(): Promise<readonly TimelineEvent[]> {
    return (await this.first.get(AccountsService).timeline(this.id, page)).data;
  }

  /** Five failures of the provider: more than a circuit bears. */
  openCircuit(app = this.first): void {
    for (let i = 0; i < 5; i += 1) fail(app, overloaded);
  }

  async close(): Promise<void> {
    for (const app of this.running) await app.close();
    this.relay.close();
    await this.database.drop();
  }
}
