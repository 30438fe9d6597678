import type { ProviderAdapter, UpstreamTarget } from '#ai-provider';
import type { AccountId, CallId } from '#kernel';
import { keepAlive, type Reservation } from '#pool-core';
import type { Lease, LeaseOutcome } from '../contract/lease.js';

/** Who is told when a lease ends. */
export interface LeaseKeeper {
  end(lease: PooledLease, outcome: LeaseOutcome): void;
}

/** A lease on one account of a pool. */
export class PooledLease implements Lease {
  private open = true;

  constructor(
    readonly provider: string,
    readonly callId: CallId,
    readonly callerId: string,
    readonly adapter: ProviderAdapter,
    readonly target: UpstreamTarget,
    readonly costFactor: number,
    readonly reservation: Reservation,
    private readonly keeper: LeaseKeeper,
  ) {}

  get accountId(): AccountId {
    return this.reservation.accountId;
  }

  keepAlive(): void {
    keepAlive(this.reservation);
  }

  settle(outcome: LeaseOutcome): void {
    if (!this.open) return;
    this.open = false;
    this.keeper.end(this, outcome);
  }
}
