import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CLOCK, RANDOM, type AccountId, type Clock, type Random } from '#kernel';
import { Logger } from '#observability';
import { isStaticId } from '../domain/static-accounts.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { CatalogueReader } from './catalogue-reader.js';
import { ModelCatalogue } from './model-catalogue.js';
import { ModelListStore } from './model-list-store.js';
import type { ListClaim, ModelList } from './model-list.js';

const secondMs = 1_000;
const hourMs = 3_600_000;
/** After a reading that came to nothing. */
const retryMs = 600_000;
/** Read at once by one process. */
const lanes = 4;
/** Claimed at a time: no more than can be read within a claim. */
const claimedAtOnce = 20;

/** Reads the lists of models by the clock: of new accounts at once, of all others every few hours. */
@Injectable()
export class CatalogueJobs implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private since: string | null = null;
  private readonly staticDueMs = new Map<AccountId, number>();

  constructor(
    private readonly store: ModelListStore,
    private readonly catalogue: ModelCatalogue,
    private readonly reader: CatalogueReader,
    private readonly directory: PoolDirectory,
    private readonly logger: Logger,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** One round: news of other processes, then what is due. A round that is still under way is not joined by a second. */
  @Interval(5 * secondMs)
  async run(): Promise<void> {
    this.running ??= this.round()
      .catch((error: unknown) => this.logger.warn('lists of models could not be read', { error }))
      .finally(() => (this.running = null));
    await this.running;
  }

  /** The database is still there: it closes in the next phase. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async round(): Promise<void> {
    await this.learn();
    const { modelRefreshHours = 6 } = this.options;
    if (modelRefreshHours === 0) return;
    const restMs = modelRefreshHours * hourMs;
    await this.readStatic(restMs);
    for (;;) {
      const claims = [...(await this.store.claimDue(claimedAtOnce))];
      const isLast = claims.length < claimedAtOnce;
      await Promise.all(Array.from({ length: lanes }, () => this.readAll(claims, restMs)));
      await this.learn();
      if (isLast || this.stopping.signal.aborted) return;
    }
  }

  private async learn(): Promise<void> {
    const { lists, next } = await this.store.changes(this.since);
    const known = lists.filter(({ accountId }) => this.directory.account(accountId) !== null);
    // A new account may be listed before it is known here: it is read again then.
    if (known.length === lists.length) this.since = next;
    const news = known.filter((list) => !isSame(list, this.catalogue.of(list.accountId)));
    for (const list of news) this.reader.noteListed(list);
    this.catalogue.take(news);
  }

  /** One lane: takes the next of a shared queue until it is empty. */
  private async readAll(queue: ListClaim[], restMs: number): Promise<void> {
    for (let claim = queue.shift(); claim !== undefined; claim = queue.shift()) {
      if (this.stopping.signal.aborted) return;
      const account = this.directory.account(claim.accountId);
      const reading =
        account === null || !isOn(account) ? null : await this.reader.read(account, this.stopping.signal);
      const kept = reading ?? { models: null, fault: null };
      const isGood = reading !== null && reading.fault === null;
      await this.store.finish(claim, kept, this.jittered(isGood ? restMs : Math.min(restMs, retryMs)));
    }
  }

  /** Accounts of the environment are in no table: each process reads for itself. */
  private async readStatic(restMs: number): Promise<void> {
    for (const account of this.directory.snapshot.accounts.values()) {
      const { id } = account.spec;
      const nowMs = this.clock.nowMs();
      if (!isStaticId(id) || (this.staticDueMs.get(id) ?? 0) > nowMs || this.stopping.signal.aborted)
        continue;
      const reading = await this.reader.read(account, this.stopping.signal);
      const isGood = reading !== null && reading.fault === null;
      this.staticDueMs.set(id, nowMs + this.jittered(isGood ? restMs : Math.min(restMs, retryMs)));
      if (reading !== null) {
        const models = reading.models ?? this.catalogue.of(id)?.models ?? null;
        this.catalogue.take([{ accountId: id, models, readAtMs: nowMs, fault: reading.fault }]);
      }
    }
  }

  /** Up to a tenth sooner, so that accounts made together are not read together for ever. */
  private jittered(ms: number): number {
    return ms * (1 - 0.1 * this.random());
  }
}

const isOn = ({ spec: { human, credentialUsable } }: PoolAccount): boolean =>
  human.kind === 'enabled' && credentialUsable;

const isSame = (list: ModelList, known: ModelList | null): boolean =>
  known !== null && list.readAtMs === known.readAtMs && list.fault === known.fault;
