import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type AccountId, type Clock } from '#kernel';
import { Logger, Metrics, type Counter } from '#observability';
import { isStaticId } from '../domain/static-accounts.js';
import type { TimelineEvent } from '../domain/timeline.js';
import { PoolStateStore } from '../scheduling/pool-state-store.js';
import { HealthStore, type HealthBatch } from './health-store.js';

/** Lines that may wait for the database; beyond, the oldest are dropped, and counted. */
const mostEventsWaiting = 20_000;
const mostEventsAtOnce = 2_000;

/**
 * Writes health behind the calls, in batches. Of states only the accounts concerned are noted and the state is read when
 * it is written: a batch that is lost, or late, never leaves a wrong state behind. Accounts of the environment are
 * not written. Bounded: by the number of accounts, and for lines of timelines by count.
 */
@Injectable()
export class HealthJournal {
  private changed = new Set<AccountId>();
  private lastUsedMs = new Map<AccountId, number>();
  private events: TimelineEvent[] = [];
  private flushing: Promise<void> = Promise.resolve();
  private readonly dropped: Counter;

  constructor(
    private readonly store: HealthStore,
    private readonly states: PoolStateStore,
    private readonly logger: Logger,
    metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.dropped = metrics.counter({
      name: 'pool_timeline_lines_dropped_total',
      help: 'Lines of account timelines that could not wait any longer for the database.',
    });
  }

  noteChange(accountId: AccountId): void {
    if (!isStaticId(accountId)) this.changed.add(accountId);
  }

  noteEvent(event: TimelineEvent): void {
    if (isStaticId(event.accountId)) return;
    this.events.push(event);
    this.dropOldest();
  }

  noteUse(accountId: AccountId, atMs: number): void {
    if (!isStaticId(accountId)) this.lastUsedMs.set(accountId, atMs);
  }

  /** Writes what waits. Never rejects: what could not be written waits for the next time. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.write());
    return this.flushing;
  }

  private async write(): Promise<void> {
    if (this.changed.size + this.events.length + this.lastUsedMs.size === 0) return;
    const batch = this.takeBatch();
    try {
      await this.store.save(batch);
    } catch (error) {
      this.logger.warn('account health could not be written, it waits', { error });
      this.putBack(batch);
    }
  }

  private takeBatch(): HealthBatch {
    const { changed, lastUsedMs } = this;
    const atMs = this.clock.nowMs();
    const held = changed.size === 0 ? [] : [...this.states.dump(atMs).values()].flat();
    const states = held.filter(({ accountId }) => changed.has(accountId));
    this.changed = new Set();
    this.lastUsedMs = new Map();
    const events = this.events.splice(0, mostEventsAtOnce);
    return { accountIds: [...changed], states, events, lastUsedMs, atMs };
  }

  private putBack({ accountIds, lastUsedMs, events }: HealthBatch): void {
    for (const id of accountIds) this.changed.add(id);
    this.lastUsedMs = new Map([...lastUsedMs, ...this.lastUsedMs]);
    this.events = [...events, ...this.events];
    this.dropOldest();
  }

  private dropOldest(): void {
    const surplus = this.events.length - mostEventsWaiting;
    if (surplus <= 0) return;
    this.events.splice(0, surplus);
    this.dropped.increment({}, surplus);
  }
}
