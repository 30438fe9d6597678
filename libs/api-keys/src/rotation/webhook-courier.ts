import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, RANDOM, Secret, type Clock, type Random } from '#kernel';
import { Logger } from '#observability';
import { ChangeFeed } from '#persistence';
import { SecretBox, type SealContext } from '#secrets';
import { RotationRunRepository, type RunSurroundings } from '../persistence/rotation-run.repository.js';
import type { RotationEntity } from '../persistence/rotation.entity.js';
import { signingSecretCell } from './rotation-policies.js';
import { newSecretCell } from './run-starter.js';
import { signedMessage, waitAfterMs, type SignedMessage } from './webhook-message.js';
import { WebhookSender, type WebhookOutcome } from './webhook-sender.js';

const timeoutMs = 10_000;
const keysUnreachable = 'keys_unreachable';

/** Why nothing can be sent. `isFinal`: nor later. */
interface Hindrance {
  readonly reason: string;
  readonly isFinal: boolean;
}

/** Looks after rotations under way: delivers by webhook, and ends claims that nobody made in time. */
@Injectable()
export class WebhookCourier {
  constructor(
    private readonly runs: RotationRunRepository,
    private readonly box: SecretBox,
    private readonly sender: WebhookSender,
    private readonly changes: ChangeFeed,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** @param run leased by this process */
  async attend(run: RotationEntity): Promise<void> {
    if (run.state === 'awaiting_claim') return this.fail(run, 'claim_expired');
    const surroundings = await this.runs.surroundingsOf(run, this.now());
    if (surroundings === null) return;
    const secret = await this.opened(run.sealedSecret, newSecretCell(run.id));
    if (!(secret instanceof Secret)) return this.hindered(run, secret);
    const outcome = await this.deliver(run, surroundings, secret);
    if ('isFinal' in outcome) return this.hindered(run, outcome);
    await this.note(run, secret, outcome);
  }

  private async deliver(
    run: RotationEntity,
    { key, policy, isAllowed }: RunSurroundings,
    secret: Secret,
  ): Promise<WebhookOutcome | Hindrance> {
    if (policy?.delivery.kind !== 'webhook') return { reason: 'policy_changed', isFinal: true };
    if (!isAllowed) return { reason: 'maker_not_allowed', isFinal: true };
    const signingSecret = await this.opened(policy.sealedSigningSecret, signingSecretCell(policy.id));
    if (!(signingSecret instanceof Secret)) return signingSecret;
    const { url, privateHosts } = policy.delivery;
    const data = {
      rotationId: run.id,
      apiKeyId: key.id,
      apiKeyName: key.name,
      secret: secret.reveal(),
      previousGraceSeconds: policy.graceSeconds,
      previousValidUntil: run.previousValidUntil,
    };
    const message = this.signed(run.id, data, signingSecret);
    return this.sender.post({ url: new URL(url), privateHosts, ...message, timeoutMs });
  }

  private signed(id: string, data: object, signingSecret: Secret): SignedMessage {
    const timestamp = this.now();
    return signedMessage(
      id,
      { type: 'api_key.rotated', timestamp, data },
      signingSecret,
      timestamp.getTime(),
    );
  }

  private async note(run: RotationEntity, secret: Secret, outcome: WebhookOutcome): Promise<void> {
    if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) {
      const { id, apiKeyId, fence } = run;
      const isNoted = await this.runs.endHandedOver({ id, apiKeyId, fence }, secret, this.now());
      await this.changes.refresh();
      if (isNoted) this.logger.info('the new secret of an API key was delivered', { rotationId: run.id });
      return;
    }
    await this.later(run, 'status' in outcome ? `http_${outcome.status}` : outcome.fault);
  }

  private async later(run: RotationEntity, reason: string): Promise<void> {
    const attempts = run.attempts + 1;
    const waitMs = waitAfterMs(attempts, this.random());
    if (waitMs === null) return this.fail(run, reason);
    const at = new Date(this.clock.nowMs() + waitMs);
    await this.runs.deliverLater(run, attempts, reason, at);
    this.logger.warn('the new secret of an API key could not be delivered; will try again', {
      rotationId: run.id,
      reason,
      attempts,
    });
  }

  private hindered(run: RotationEntity, { reason, isFinal }: Hindrance): Promise<void> {
    return isFinal ? this.fail(run, reason) : this.later(run, reason);
  }

  private async fail(run: RotationEntity, reason: string): Promise<void> {
    if (!(await this.runs.endInVain(run, 'failed', reason, this.now()))) return;
    await this.changes.refresh();
    const { id: rotationId, apiKeyId } = run;
    this.logger.error('the rotation of an API key failed', { rotationId, apiKeyId, reason });
  }

  private async opened(sealed: Buffer | null, cell: SealContext): Promise<Secret | Hindrance> {
    if (sealed === null) return { reason: 'secret_missing', isFinal: true };
    const opened = await this.box.open(sealed, cell);
    if (opened instanceof Secret) return opened;
    return { reason: `secret_${opened.reason}`, isFinal: opened.reason !== keysUnreachable };
  }

  private now(): Date {
    return new Date(this.clock.nowMs());
  }
}
