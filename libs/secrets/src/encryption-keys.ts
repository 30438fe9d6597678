import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { KeyEncryptionKeys } from './key-encryption-keys.js';
import type { RewrapJobEntity } from './persistence/rewrap-job.entity.js';
import { RewrapJobs } from './persistence/rewrap-jobs.js';
import { SealedRows, type SealedCount } from './persistence/sealed-rows.js';
import { Rewrapper } from './rewrap/rewrapper.js';

/** Something under way in the database; TypeORM's `EntityManager` is one. */
export interface RewrapTransaction {
  query<Rows>(statement: string, parameters?: unknown[]): Promise<Rows>;
}

/** How far moving everything to one key has come. */
export type RewrapProgress = Pick<
  RewrapJobEntity,
  'id' | 'keyId' | 'state' | 'moved' | 'unreadable' | 'startedAt' | 'finishedAt'
>;

/** One key and what it seals. */
export interface EncryptionKeyUse {
  readonly keyId: string;
  readonly primary: boolean;
  /** Whether this process has it. */
  readonly available: boolean;
  readonly rows: number;
  readonly columns: readonly SealedCount[];
}

/** Which keys seal what, and whether it is being moved. */
export interface EncryptionReport {
  readonly primaryKeyId: string;
  /** The primary, and each that anything is under. */
  readonly keys: readonly EncryptionKeyUse[];
  /** Cells that hold no envelope. */
  readonly malformedRows: number;
  /** What is wrong with a remote holder of keys, or soon will be; `null`: nothing, or there is none. */
  readonly trouble: string | null;
  /** The newest; `null`: there never was one. */
  readonly rewrap: RewrapProgress | null;
}

/** What operators see of key-encryption keys, and how they move everything to the primary one. */
@Injectable()
export class EncryptionKeys implements OnApplicationShutdown {
  constructor(
    private readonly keys: KeyEncryptionKeys,
    private readonly rows: SealedRows,
    private readonly jobs: RewrapJobs,
    private readonly rewrapper: Rewrapper,
  ) {}

  onApplicationShutdown(): void {
    this.keys.close();
  }

  async report(): Promise<EncryptionReport> {
    const counts = await this.rows.counts();
    const { primaryId } = this.keys;
    const ids = new Set([primaryId, ...counts.flatMap(({ keyId }) => keyId ?? [])]);
    const job = await this.jobs.newest();
    return {
      primaryKeyId: primaryId,
      keys: [...ids].map((keyId) => {
        const columns = counts.filter((count) => count.keyId === keyId);
        const primary = keyId === primaryId;
        return { keyId, primary, available: this.keys.has(keyId), rows: sum(columns), columns };
      }),
      trouble: this.keys.trouble,
      malformedRows: sum(counts.filter(({ keyId }) => keyId === null)),
      rewrap: job === null ? null : progressOf(job),
    };
  }

  /**
   * Starts moving every envelope to the primary key of this process; gives the job that does so already.
   *
   * @param note is called in the transaction that starts a job, as its last act
   */
  async rewrap(note: (transaction: RewrapTransaction) => Promise<void>): Promise<RewrapProgress> {
    const job = await this.jobs.start(this.keys.primaryId, note);
    void this.rewrapper.work();
    return progressOf(job);
  }
}

const sum = (counts: readonly SealedCount[]): number => counts.reduce((total, { rows }) => total + rows, 0);

const progressOf = ({
  id,
  keyId,
  state,
  moved,
  unreadable,
  startedAt,
  finishedAt,
}: RewrapJobEntity): RewrapProgress => ({
  id,
  keyId,
  state,
  moved,
  unreadable,
  startedAt,
  finishedAt,
});
