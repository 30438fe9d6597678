import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import { AUDIT_OPTIONS, type AuditOptions } from '../audit.options.js';
import { AuditTrail } from '../audit-trail.js';
import { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import { SigningKeys } from '../checkpoints/signing-keys.js';
import type { ChainEnd } from '../domain/chain-check.js';
import { genesisHash } from '../domain/event-hash.js';
import { AuditRows } from '../persistence/audit-rows.js';
import { asLogOwner, partitionOf, type LogOwner } from '../persistence/log-owner.js';
import { SealRows } from '../persistence/seal-rows.js';
import { archiveMonth, type Archive } from './month-archive.js';
import { signedSeal, type Seal } from './seal.js';

/**
 * Ends the time of old months: each is checked, written to a file with a manifest, sealed, and only then dropped, by the owner
 * of the log. A month whose chain is broken stays.
 */
@Injectable()
export class AuditRetention {
  constructor(
    @Inject(AUDIT_OPTIONS) private readonly options: AuditOptions,
    private readonly rows: AuditRows,
    private readonly seals: SealRows,
    private readonly trail: AuditTrail,
    private readonly checkpoints: CheckpointFile,
    private readonly keys: SigningKeys,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Cron('17 3 * * *')
  async everyNight(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.logger.error('old months of the audit log could not be archived', { error });
    }
  }

  /**
   * Archives and drops every month older than the retention.
   *
   * @returns names of the partitions that are gone; none without a retention, or while another process is at it
   * @throws Error naming the first event that is not as it was written; its month and later ones stay
   */
  async run(): Promise<string[]> {
    const { retentionMonths, ownerUrl } = this.options;
    if (retentionMonths === null) return [];
    const now = new Date(this.clock.nowMs());
    const keptFromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - retentionMonths);
    const gone: string[] = [];
    await asLogOwner(ownerUrl, async (owner) => {
      const old = (await owner.months()).filter((month) => month.getTime() < keptFromMs);
      for (const month of old) gone.push(await this.retire(owner, month));
    });
    return gone;
  }

  private async retire(owner: LogOwner, month: Date): Promise<string> {
    const name = partitionOf(month);
    const start = await this.sealedEnd();
    const directory = join(this.options.dataDir, 'audit-archive');
    const archive = await archiveMonth({ directory, name, month, start }, this.rows, this.keys);
    const seal = this.sealOf(name, start, archive);
    if (seal !== null) await this.checkpoint(seal);
    const { file, manifest } = archive;
    await owner.drop(month, async (transaction) => {
      const facts = { partition: name, archive: file, manifest };
      await this.trail.append(transaction, [{ action: 'audit.sealed', targets: [], facts }]);
      if (seal !== null) await this.seals.insert(transaction, seal);
    });
    this.logger.info('a month of the audit log was archived and dropped', { partition: name, archive: file });
    return name;
  }

  private async sealedEnd(): Promise<ChainEnd> {
    const last = (await this.seals.all()).at(-1);
    if (last === undefined) return { sequence: 0, hash: genesisHash };
    return { sequence: last.lastSequence, hash: last.headHash };
  }

  private sealOf(partition: string, start: ChainEnd, { file, manifest, last }: Archive): Seal | null {
    if (last === null) return null;
    const range = {
      firstSequence: start.sequence + 1,
      lastSequence: last.sequence,
      lastAtMs: last.atMs,
      previousHash: start.hash,
      headHash: last.hash,
    };
    return signedSeal({ partition, ...range, archive: file, archiveSha256: manifest.sha256 }, this.keys);
  }

  private checkpoint({ lastSequence: sequence, headHash: hash }: Seal): Promise<void> {
    return this.checkpoints.append({ sequence, hash, at: new Date(this.clock.nowMs()).toISOString() });
  }
}
