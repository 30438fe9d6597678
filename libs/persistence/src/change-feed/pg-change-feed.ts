import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import type { ChangeTopic } from '../change-feed.js';
import { ChangeFeed } from '../change-feed.js';
import { Listener } from './listener.js';
import { MergedRuns } from './merged-runs.js';
import { Subscription } from './subscription.js';
import type { Timers } from './timers.js';
import { readTopicVersions } from './topic-versions.js';

/** Well below the 5 s that are promised: on a busy machine the look itself takes a second and more. */
const pollIntervalMs = 3_000;
const channel = 'config_changed';

/** What a {@link PgChangeFeed} works with. */
export interface PgChangeFeedOptions {
  /** For the connection that listens. */
  readonly url: Secret;
  /** For reading the counters. */
  readonly dataSource: DataSource;
  readonly logger: Logger;
  readonly timers: Timers;
}

/**
 * The change feed on Postgres: triggers count the changes of watched tables in `change_counters` and notify. A
 * notification only says "look now"; what counts are the counters, so lost, doubled or forged ones do no harm.
 */
export class PgChangeFeed extends ChangeFeed implements OnModuleInit, OnModuleDestroy {
  readonly #subscriptions = new Set<Subscription>();
  readonly #looks = new MergedRuns(() => this.#look());
  readonly #listener: Listener;
  #stopPolling: () => void = () => undefined;
  #databaseWasDown = false;

  constructor(private readonly options: PgChangeFeedOptions) {
    super();
    this.#listener = new Listener({
      ...options,
      channel,
      onNotification: () => void this.refresh(),
    });
  }

  /** Begins to listen and to poll; called by Nest. Resolves after the first attempt to listen. */
  async onModuleInit(): Promise<void> {
    this.#stopPolling = this.options.timers.every(pollIntervalMs, () => void this.refresh());
    await this.#listener.start();
  }

  /** Ends every subscription; called by Nest. */
  async onModuleDestroy(): Promise<void> {
    this.#stopPolling();
    this.#subscriptions.clear();
    await this.#listener.close();
  }

  override subscribe(topics: readonly ChangeTopic[], onChange: () => Promise<void>): () => void {
    const subscription = new Subscription(topics, onChange, (error, failed) =>
      this.options.logger.error('a change could not be taken in', { topics: failed, error }),
    );
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  override refresh(): Promise<void> {
    return this.#looks.run();
  }

  /** Never rejects: a database that is away is looked at again at the next poll. */
  async #look(): Promise<void> {
    if (this.#subscriptions.size === 0) return;
    try {
      const versions = await readTopicVersions(this.options.dataSource);
      this.#databaseWasDown = false;
      await Promise.all(Array.from(this.#subscriptions, (subscription) => subscription.take(versions)));
    } catch (error) {
      if (!this.#databaseWasDown) this.options.logger.warn('cannot look for changes', { error });
      this.#databaseWasDown = true;
    }
  }
}
