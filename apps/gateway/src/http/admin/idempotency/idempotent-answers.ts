import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DomainError, Secret } from '#kernel';
import { Logger } from '#observability';
import { SecretBox, type SealContext } from '#secrets';

/** A request by which a client will know it again. */
export interface KeyedRequest {
  /** The client's system key; keys of different clients have nothing to do with each other. */
  readonly caller: string;
  /** What it sent as `Idempotency-Key`. */
  readonly key: string;
  /** All that makes it this request and no other. */
  readonly content: string;
}

/** An answer as it was first given. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The right to do a request: nobody else does the same one meanwhile. */
export interface Claim {
  readonly kind: 'claimed';
  readonly id: string;
}

/** Longer than any admin request takes: a claim as old is of a process that died. */
const claimMinutes = 5;
const keptHours = 24;
/** Of one caller; the oldest give way. */
const mostPerCaller = 10_000;
/** Larger answers are not kept: their request is done again. */
const mostBytes = 1_048_576;

/** Remembers what keyed requests were answered, for a day. All of an answer is sealed: it may hold a secret. */
@Injectable()
export class IdempotentAnswers {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly secrets: SecretBox,
    private readonly logger: Logger,
  ) {}

  /**
   * Finds the answer a request was given before, or claims the right to do it.
   *
   * @throws DomainError `conflict` when the key was used for another request, or its request is under way
   */
  async claim({ caller, key, content }: KeyedRequest): Promise<Claim | ({ kind: 'kept' } & KeptAnswer)> {
    const id = randomUUID();
    const claimed = await this.dataSource.query<unknown[]>(claimKey, [caller, key, id]);
    if (claimed.length > 0) {
      await this.dataSource.query(forgetOldest, [caller]);
      return { kind: 'claimed', id };
    }
    const [row] = await this.dataSource.query<{ claim: string; sealed: Buffer | null }[]>(readKey, [
      caller,
      key,
    ]);
    if (row === undefined || row.sealed === null) throw underWay();
    const opened = await this.secrets.open(row.sealed, contextOf(row.claim));
    if ('unreadable' in opened) throw unreadable(opened.reason);
    const { digest, ...answer } = JSON.parse(opened.reveal()) as KeptAnswer & { digest: string };
    if (digest !== digestOf(content)) throw otherRequest();
    return { kind: 'kept', ...answer };
  }

  /** Keeps what a claimed request was answered. It is answered all the same when this fails. */
  async keep({ id }: Claim, request: KeyedRequest, answer: KeptAnswer): Promise<void> {
    const text = JSON.stringify({ digest: digestOf(request.content), ...answer });
    if (text.length > mostBytes) return this.release({ kind: 'claimed', id }, request);
    try {
      const sealed = await this.secrets.seal(new Secret(text), contextOf(id));
      await this.dataSource.query(keepAnswer, [request.caller, request.key, id, sealed]);
    } catch (error) {
      this.logger.warn('the answer to a request with an Idempotency-Key could not be kept', { error });
    }
  }

  /** Gives a claim back: the request has failed and may be sent again. */
  async release({ id }: Claim, { caller, key }: KeyedRequest): Promise<void> {
    try {
      await this.dataSource.query(releaseKey, [caller, key, id]);
    } catch (error) {
      this.logger.warn('an Idempotency-Key stays claimed for a while', { error });
    }
  }

  /** Forgets what is older than a day. Every replica may do it: the second finds nothing. */
  @Cron('37 * * * *')
  async prune(): Promise<void> {
    try {
      await this.dataSource.query(forgetExpired);
    } catch (error) {
      this.logger.warn('old Idempotency-Keys could not be deleted', { error });
    }
  }
}

const claimKey = `
  INSERT INTO idempotent_answers AS known (caller, key, claim) VALUES ($1, $2, $3)
  ON CONFLICT (caller, key) DO UPDATE SET claim = excluded.claim, claimed_at = now(), sealed = NULL
    WHERE known.claimed_at < now() - interval '${keptHours} hours'
      OR (known.sealed IS NULL AND known.claimed_at < now() - interval '${claimMinutes} minutes')
  RETURNING claim`;
const readKey = 'SELECT claim, sealed FROM idempotent_answers WHERE caller = $1 AND key = $2';
const keepAnswer = 'UPDATE idempotent_answers SET sealed = $4 WHERE caller = $1 AND key = $2 AND claim = $3';
const releaseKey = 'DELETE FROM idempotent_answers WHERE caller = $1 AND key = $2 AND claim = $3';
const forgetOldest = `
  DELETE FROM idempotent_answers WHERE caller = $1 AND claimed_at <= (
    SELECT claimed_at FROM idempotent_answers WHERE caller = $1
    ORDER BY claimed_at DESC OFFSET ${mostPerCaller} LIMIT 1)`;
const forgetExpired = `DELETE FROM idempotent_answers WHERE claimed_at < now() - interval '${keptHours} hours'`;

/** A claim is made once, and its answer opens nowhere else. */
const contextOf = (claim: string): SealContext => ({
  table: 'idempotent_answers',
  column: 'sealed',
  rowId: claim,
});

const digestOf = (content: string): string => createHash('sha256').update(content).digest('base64');

const field = 'Idempotency-Key';
const underWay = (): DomainError =>
  new DomainError('conflict', 'A request with this Idempotency-Key is under way.', { field });
const otherRequest = (): DomainError =>
  new DomainError('conflict', 'This Idempotency-Key was used for another request.', { field });
const unreadable = (cause: string): DomainError =>
  new DomainError('conflict', 'The request was done; its answer cannot be read any more.', { field, cause });
