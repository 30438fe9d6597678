import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Secret } from '#kernel';
import { Logger } from '#observability';
import { KeyEncryptionKeys } from '../key-encryption-keys.js';
import { KeyCanaryRepository } from '../persistence/key-canary.repository.js';
import { RewrapJobs, type RewrapClaim } from '../persistence/rewrap-jobs.js';
import { nameOf, type SealedColumnName } from '../persistence/sealed-column.js';
import { SealedRows, type Resealed, type SealedRow } from '../persistence/sealed-rows.js';
import { SecretBox } from '../secret-box.js';
import { REWRAP_PACE, type RewrapPace } from './rewrap-pace.js';

const lookEveryMs = 5_000;

/**
 * Moves every envelope to the primary key, a batch at a time, while everything serves on. Whatever holds the keys is asked
 * outside of any transaction; a row is replaced only while it is what was read. Killed at any point, every row is readable,
 * and the next process goes on where this one was.
 */
@Injectable()
export class Rewrapper implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;

  constructor(
    private readonly jobs: RewrapJobs,
    private readonly rows: SealedRows,
    private readonly canaries: KeyCanaryRepository,
    private readonly box: SecretBox,
    private readonly keys: KeyEncryptionKeys,
    private readonly logger: Logger,
    @Inject(REWRAP_PACE) private readonly pace: RewrapPace,
  ) {}

  /** Works on the job that runs, if there is one and nobody else does, to its end. Never rejects. */
  @Interval(lookEveryMs)
  async work(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.running ??= this.attempt().finally(() => (this.running = null));
    await this.running;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** What fails is tried again by the next that claims the job: after the lease, and not at once. */
  private async attempt(): Promise<void> {
    try {
      const claim = await this.jobs.claim(this.keys.primaryId);
      if (claim === null) return;
      if (await this.moveAll(claim)) await this.finish(claim);
      else await this.jobs.release(claim);
    } catch (error) {
      this.logger.warn('the re-wrap job was interrupted and will be taken up again', { error });
    }
  }

  /** Keys that seal nothing any more may be dropped, and are not missed. */
  private async finish(claim: RewrapClaim): Promise<void> {
    const inUse = (await this.rows.counts()).flatMap(({ keyId }) => keyId ?? []);
    await this.canaries.keepOnly([claim.keyId, ...inUse]);
    await this.jobs.finish(claim);
    this.logger.info('the re-wrap job has gone through every sealed column', { keyId: claim.keyId });
  }

  /** @returns whether it came to the end; else the process stops */
  private async moveAll(claim: RewrapClaim): Promise<boolean> {
    for (const column of this.rows.columns) {
      if (claim.atColumn !== null && nameOf(column) < claim.atColumn) continue;
      let after = nameOf(column) === claim.atColumn ? claim.afterRow : null;
      for (;;) {
        if (this.stopping.signal.aborted) return false;
        const batch = await this.rows.next(column, claim.keyId, after, this.pace.batchRows);
        const last = batch.at(-1);
        if (last === undefined) break;
        await this.moveBatch(claim, column, batch, last.id);
        after = last.id;
        await pause(this.pace.pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return true;
  }

  private async moveBatch(
    claim: RewrapClaim,
    column: SealedColumnName,
    batch: readonly SealedRow[],
    afterRow: string,
  ): Promise<void> {
    const resealed: Resealed[] = [];
    for (const row of batch) {
      const sealed = await this.reseal(column, row);
      if (sealed !== null) resealed.push({ id: row.id, sealed, previous: row.sealed });
    }
    const unreadable = batch.length - resealed.length;
    await this.rows.transaction(async (manager) => {
      const moved = resealed.length === 0 ? 0 : await this.rows.replace(manager, column, resealed);
      await this.jobs.advance(manager, claim, { atColumn: nameOf(column), afterRow, moved, unreadable });
    });
  }

  private async reseal(
    { table, column }: SealedColumnName,
    { id, sealed }: SealedRow,
  ): Promise<Buffer | null> {
    const cell = { table, column, rowId: id };
    const opened = await this.box.open(sealed, cell);
    if (opened instanceof Secret) return this.box.seal(opened, cell);
    if (opened.reason === 'keys_unreachable') throw new Error('a holder of keys cannot be reached');
    return null;
  }
}
