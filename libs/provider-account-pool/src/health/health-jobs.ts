import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { CLOCK, RANDOM, type AccountId, type Clock, type Random } from '#kernel';
import { Logger, Metrics, type Counter } from '#observability';
import { isStaticId } from '../domain/static-accounts.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import { PoolStateStore } from '../scheduling/pool-state-store.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { AccountProber } from './account-prober.js';
import { HealthJournal } from './health-journal.js';
import { HealthMonitor } from './health-monitor.js';
import { HealthStore } from './health-store.js';
import { ProbePlan, probeRestMs, type HeldAccount } from './probe-plan.js';

const secondMs = 1_000;
const dayMs = 86_400_000;

/** What is done about health by the clock. Each job runs at most once at a time; what it meets is logged. */
@Injectable()
export class HealthJobs implements BeforeApplicationShutdown {
  private readonly plan: ProbePlan;
  private readonly stopping = new AbortController();
  private probing: Promise<void> | null = null;
  private readonly leasesExpired: Counter;

  constructor(
    private readonly states: PoolStateStore,
    private readonly journal: HealthJournal,
    private readonly store: HealthStore,
    private readonly directory: PoolDirectory,
    private readonly health: HealthMonitor,
    private readonly prober: AccountProber,
    private readonly logger: Logger,
    metrics: Metrics,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {
    this.plan = new ProbePlan(random);
    this.leasesExpired = metrics.counter({
      name: 'pool_leases_expired_total',
      help: 'Leases that nobody settled in time.',
    });
  }

  /** Writes behind what calls have noted. */
  @Interval(secondMs)
  flush(): Promise<void> {
    return this.journal.flush();
  }

  /** Settles, as aborted, leases whose callers forgot them. */
  @Interval(30 * secondMs)
  sweep(): void {
    const nowMs = this.clock.nowMs();
    const { leaseTtlMs = 15 * 60 * secondMs } = this.options;
    const expired = this.states.expire(nowMs - leaseTtlMs, nowMs);
    if (expired.length === 0) return;
    this.leasesExpired.increment({}, expired.length);
    this.logger.error('leases were never settled', { count: expired.length });
  }

  /** Probes the accounts whose turn has come. A run that is still under way is not joined by a second. */
  @Interval(5 * secondMs)
  async probe(): Promise<void> {
    this.probing ??= this.probeDue().finally(() => (this.probing = null));
    await this.probing;
  }

  /** Forgets old lines of timelines. Every replica may do it: the second finds nothing. */
  @Cron('17 4 * * *')
  async prune(): Promise<void> {
    const { timelineRetentionDays = 90 } = this.options;
    try {
      await this.store.prune(this.clock.nowMs() - timelineRetentionDays * dayMs);
    } catch (error) {
      this.logger.warn('old lines of timelines could not be deleted', { error });
    }
  }

  /** The last calls have ended, and the database is still there: it closes in the next phase. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.probing;
    await this.journal.flush();
  }

  private async probeDue(): Promise<void> {
    const dueIds = this.plan.due(this.heldAccounts(), this.clock.nowMs());
    if (dueIds.length === 0) return;
    await this.journal.flush();
    const accounts = dueIds.map((id) => this.directory.account(id)).filter((account) => account !== null);
    const byProvider = Map.groupBy(accounts, ({ provider }) => provider);
    const { probesAtOncePerProvider = 2 } = this.options;
    const lanes = [...byProvider.values()].flatMap((queue) =>
      Array.from({ length: probesAtOncePerProvider }, () => this.probeAll(queue)),
    );
    await Promise.all(lanes);
  }

  /** One lane: takes the next of a shared queue until it is empty. */
  private async probeAll(queue: PoolAccount[]): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (this.stopping.signal.aborted) return;
      try {
        if (isStaticId(next.spec.id)) await this.probeAndRecord(next);
        else await this.probeClaimed(next);
      } catch (error) {
        this.logger.warn('an account could not be probed', { accountId: next.spec.id, error });
      }
    }
  }

  /** Only who holds the claim when the probe has ended may say what it came to. */
  private async probeClaimed(account: PoolAccount): Promise<void> {
    const claim = await this.store.claimProbe(account.spec.id);
    if (claim === null) return;
    const result = await this.prober.probe(account, this.stopping.signal);
    const restMs = probeRestMs(this.health.stateOf(account), this.random) ?? 0;
    const valid = await this.store.finishProbe(claim, restMs);
    if (valid && result !== null && !this.stopping.signal.aborted)
      this.health.recordTest(account, result, null);
  }

  private async probeAndRecord(account: PoolAccount): Promise<void> {
    const result = await this.prober.probe(account, this.stopping.signal);
    if (result !== null && !this.stopping.signal.aborted) this.health.recordTest(account, result, null);
  }

  /** Accounts that people have off are left alone. */
  private heldAccounts(): readonly HeldAccount[] {
    return [...this.states.dump(this.clock.nowMs()).values()]
      .flat()
      .filter(({ accountId, model }) => model === null && this.isOn(accountId));
  }

  private isOn(accountId: AccountId): boolean {
    const spec = this.directory.account(accountId)?.spec;
    return spec !== undefined && spec.human.kind === 'enabled' && spec.credentialUsable;
  }
}
