import { Injectable } from '@nestjs/common';
import type { AccountId } from '#kernel';
import { Logger } from '#observability';

/** The machine moved an account; what webhooks and live streams tell. */
export interface AccountMoved {
  readonly kind:
    | 'account.cooled'
    | 'account.opened'
    | 'account.half_open'
    | 'account.recovered'
    | 'account.auth_failed'
    | 'account.out_of_quota';
  readonly atMs: number;
  readonly provider: string;
  readonly accountId: AccountId;
  /** `null` for the account as a whole. */
  readonly model: string | null;
  /** The rule that decided. */
  readonly rule: string | null;
  readonly untilMs: number | null;
}

/** Tells whoever listens in this process what happens to accounts. Listeners must be quick; what they throw is logged. */
@Injectable()
export class PoolEvents {
  private readonly listeners = new Set<(event: AccountMoved) => void>();

  constructor(private readonly logger: Logger) {}

  /** @returns a function that ends the subscription */
  subscribe(listener: (event: AccountMoved) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  emit(event: AccountMoved): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        this.logger.error('a listener of pool events failed', { event: event.kind, error });
      }
    }
  }
}
