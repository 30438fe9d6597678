import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, DomainError, Secret, type Clock } from '#kernel';
import { ChangeFeed } from '#persistence';
import { SecretBox } from '#secrets';
import { grantsOf, type KeyChanger } from '../api-key-change.js';
import { refuseBroader } from '../domain/grants.js';
import { RotationRepository } from '../persistence/rotation.repository.js';
import { RotationRunRepository } from '../persistence/rotation-run.repository.js';
import type { RotationEntity } from '../persistence/rotation.entity.js';
import { newSecretCell } from './run-starter.js';
import { rotationViewOf, type RotationView } from './rotation-view.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** 256 random bits. */
const tokenForm = /^pap_claim_[\w-]{43}$/;

/** A token by which a secret may be claimed, this once. */
export interface ClaimOffer {
  readonly claimToken: Secret;
  readonly expiresAt: Date;
}

/** A secret that was claimed. */
export interface ClaimedSecret {
  readonly rotationId: string;
  readonly apiKeyId: string;
  readonly secret: Secret;
  /** When the older one ends. */
  readonly previousValidUntil: Date;
}

/** Hands new secrets over, one claim each, and lets people steer rotations by policy. */
@Injectable()
export class RotationClaims {
  constructor(
    private readonly rows: RotationRepository,
    private readonly runs: RotationRunRepository,
    private readonly box: SecretBox,
    private readonly changes: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes the token of a rotation that awaits its claim; one made before is good for nothing any more.
   *
   * @throws DomainError `not_found`, `insufficient_scope` when the key can do more than who asks, or `conflict` when there is
   *   nothing to claim
   */
  async offer(rotationId: string, by: KeyChanger): Promise<ClaimOffer> {
    const row = await this.row(rotationId);
    const around = await this.runs.surroundingsOf(row, this.now());
    if (around === null) throw noSuchRotation(rotationId);
    refuseBroader(by, grantsOf(around.key));
    const claimToken = new Secret(`pap_claim_${randomBytes(32).toString('base64url')}`);
    const isOffered = await this.runs.offer(row, hashOf(claimToken), claimToken, this.now());
    if (!isOffered || row.nextLookAt === null)
      throw new DomainError('conflict', 'The rotation does not await a claim.');
    return { claimToken, expiresAt: row.nextLookAt };
  }

  /**
   * Gives the secret to who presents the token, once.
   *
   * @throws DomainError `not_found`, the same for a token that is wrong, used or expired; `storage_unavailable` when whoever holds
   *   the encryption key cannot be reached
   */
  async claim(token: Secret): Promise<ClaimedSecret> {
    const claimHash = hashOf(token);
    const row = tokenForm.test(token.reveal()) ? await this.runs.byClaim(claimHash) : null;
    if (row?.sealedSecret == null || row.nextLookAt === null || row.nextLookAt <= this.now())
      throw noSuchClaim();
    const secret = await this.box.open(row.sealedSecret, newSecretCell(row.id));
    if (!(secret instanceof Secret))
      throw new DomainError('storage_unavailable', 'The secret cannot be read now.', {
        cause: secret.reason,
      });
    const { id, apiKeyId } = row;
    const isTaken = await this.runs.endHandedOver({ id, apiKeyId, claimHash }, secret, this.now());
    await this.changes.refresh();
    if (!isTaken) throw noSuchClaim();
    const { previousValidUntil } = await this.row(id);
    return { rotationId: id, apiKeyId, secret, previousValidUntil: previousValidUntil ?? this.now() };
  }

  /**
   * Calls a rotation off: its new secret, which nobody has, is refused, the one in use goes on.
   *
   * @throws DomainError `not_found`, or `conflict` when it has ended
   */
  async abort(rotationId: string): Promise<RotationView> {
    const row = await this.row(rotationId);
    const run = { id: row.id, apiKeyId: row.apiKeyId };
    if (!(await this.runs.endInVain(run, 'aborted', 'by_hand', this.now())))
      throw new DomainError('conflict', 'The rotation has ended.');
    await this.changes.refresh();
    return this.view(rotationId);
  }

  /**
   * Delivers at once what waits for its next try. For a rotation that failed or was aborted another of its key is begun, within
   * seconds.
   *
   * @throws DomainError `not_found`, or `conflict` when it has succeeded or awaits a claim, or the key is being rotated or under
   *   no policy
   */
  async retry(rotationId: string): Promise<RotationView> {
    const row = await this.row(rotationId);
    if (row.state === 'awaiting_claim' || row.state === 'completed')
      throw new DomainError('conflict', 'The rotation neither failed nor waits for its next delivery.');
    if (!(await this.runs.again(row, this.now())))
      throw new DomainError(
        'conflict',
        'The API key is being rotated, or is under no rotation policy any more.',
      );
    return this.view(rotationId);
  }

  private async view(id: string): Promise<RotationView> {
    return rotationViewOf(await this.row(id), this.clock.nowMs());
  }

  private async row(id: string): Promise<RotationEntity> {
    const row = uuid.test(id) ? await this.rows.byId(id) : null;
    if (row === null) throw noSuchRotation(id);
    return row;
  }

  private now(): Date {
    return new Date(this.clock.nowMs());
  }
}

const hashOf = (token: Secret): Buffer => createHash('sha256').update(token.reveal()).digest();
const noSuchRotation = (id: string): DomainError =>
  new DomainError('not_found', `There is no rotation '${id}'.`);
const noSuchClaim = (): DomainError =>
  new DomainError('not_found', 'There is nothing to claim by this token.');
