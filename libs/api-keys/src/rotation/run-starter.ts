import { randomUUIDv7 } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import { ChangeFeed } from '#persistence';
import { SecretBox } from '#secrets';
import { KeyIssuer } from '../key-issuer.js';
import { RotationTargetRepository, type LeasedTarget } from '../persistence/rotation-target.repository.js';

/** As long as a change may stay unseen by another process when its notice is lost. */
const propagationMs = 5_000;

/** Begins rotations by policy: makes the new secret, valid at once, known to nobody, and sealed until it is handed over. */
@Injectable()
export class RunStarter {
  constructor(
    private readonly targets: RotationTargetRepository,
    private readonly issuer: KeyIssuer,
    private readonly box: SecretBox,
    private readonly changes: ChangeFeed,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whoever holds the encryption key is asked before the transaction. */
  async start(target: LeasedTarget): Promise<void> {
    const id = randomUUIDv7();
    const { row: secretRow, secret } = this.issuer.issueSecret(target.apiKeyId, 1);
    const sealedSecret = await this.box.seal(secret, newSecretCell(id));
    const prepared = { id, secretRow, secret, sealedSecret, propagationMs };
    const begun = await this.targets.begin(target, prepared, new Date(this.clock.nowMs()));
    const { apiKeyId, policyId } = target;
    if (begun === 'begun') {
      await this.changes.refresh();
      this.logger.info('the rotation of an API key has begun', { rotationId: id, apiKeyId, policyId });
    }
    if (begun === 'refused')
      this.logger.error('an API key is not rotated: who made its policy may not give it', {
        apiKeyId,
        policyId,
      });
  }
}

/** Where the new secret of a rotation waits. */
export const newSecretCell = (rowId: string) =>
  ({ table: 'rotations', column: 'sealed_secret', rowId }) as const;
