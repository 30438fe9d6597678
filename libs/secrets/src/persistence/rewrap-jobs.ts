import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { RewrapJobEntity } from './rewrap-job.entity.js';

/** The right to work on a job, until its lease ends or somebody else claims it. */
export type RewrapClaim = Pick<RewrapJobEntity, 'id' | 'keyId' | 'fence' | 'atColumn' | 'afterRow'>;

/** What a batch came to. */
export interface RewrapStep {
  readonly atColumn: string;
  readonly afterRow: string;
  readonly moved: number;
  readonly unreadable: number;
}

/** A claim as long outlives no process that died, and every batch renews it. */
const leaseSeconds = 30;

/** Keeps jobs. At most one runs; at most one process works on it. */
@Injectable()
export class RewrapJobs {
  constructor(@InjectRepository(RewrapJobEntity) private readonly rows: Repository<RewrapJobEntity>) {}

  /** The newest; `null`: there never was one. */
  async newest(): Promise<RewrapJobEntity | null> {
    const [job] = await this.rows.find({ order: { id: 'DESC' }, take: 1 });
    return job ?? null;
  }

  /**
   * Starts a job unless one to this key runs; one to another key ends.
   *
   * @param note is called in the transaction that starts one, as its last act
   */
  async start(keyId: string, note: (manager: EntityManager) => Promise<void>): Promise<RewrapJobEntity> {
    return this.rows.manager.transaction(async (manager) => {
      await manager.query('LOCK TABLE rewrap_jobs IN SHARE ROW EXCLUSIVE MODE');
      const running = await manager.findOneBy(RewrapJobEntity, { state: 'running' });
      if (running?.keyId === keyId) return running;
      await manager.update(
        RewrapJobEntity,
        { state: 'running' },
        { state: 'superseded', finishedAt: new Date() },
      );
      const id = randomUUIDv7();
      await manager.insert(RewrapJobEntity, { id, keyId, state: 'running' });
      const job = await manager.findOneByOrFail(RewrapJobEntity, { id });
      await note(manager);
      return job;
    });
  }

  /** Claims the job that runs to this key, if nobody works on it. */
  async claim(keyId: string): Promise<RewrapClaim | null> {
    const [[claim]]: [RewrapClaim[]] = await this.rows.query(claimJob, [keyId]);
    return claim ?? null;
  }

  /**
   * Notes a batch and renews the lease, in the transaction that writes the batch.
   *
   * @throws Error when the claim was lost, for the batch to be undone
   */
  async advance(manager: EntityManager, { id, fence }: RewrapClaim, step: RewrapStep): Promise<void> {
    const parameters = [id, fence, step.atColumn, step.afterRow, step.moved, step.unreadable];
    const [, noted]: [unknown, number] = await manager.query(advanceJob, parameters);
    if (noted === 0) throw new Error('another process has taken the re-wrap job over');
  }

  async finish({ id, fence }: RewrapClaim): Promise<void> {
    await this.rows.query(finishJob, [id, fence]);
  }

  /** Lets another process go on at once. */
  async release({ id, fence }: RewrapClaim): Promise<void> {
    await this.rows.update({ id, fence, state: 'running' }, { claimedUntil: null });
  }
}

const lease = `now() + interval '${leaseSeconds} seconds'`;
const claimJob = `
  UPDATE rewrap_jobs SET fence = fence + 1, claimed_until = ${lease}
  WHERE id = (
    SELECT id FROM rewrap_jobs
    WHERE state = 'running' AND key_id = $1 AND (claimed_until IS NULL OR claimed_until < now())
    FOR UPDATE SKIP LOCKED LIMIT 1)
  RETURNING id, key_id AS "keyId", fence, at_column AS "atColumn", after_row AS "afterRow"`;
const advanceJob = `
  UPDATE rewrap_jobs SET at_column = $3, after_row = $4, moved = moved + $5, unreadable = unreadable + $6,
    claimed_until = ${lease}
  WHERE id = $1 AND fence = $2 AND state = 'running'`;
const finishJob = `
  UPDATE rewrap_jobs SET state = 'done', finished_at = now(), claimed_until = NULL
  WHERE id = $1 AND fence = $2 AND state = 'running'`;
