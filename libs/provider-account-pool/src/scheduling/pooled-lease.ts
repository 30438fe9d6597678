import {
  withoutForeignState,
  type FailureClassifier,
  type ModelCall,
  type ProviderAdapter,
  type UpstreamTarget,
} from '#ai-provider';
import type { AccountId, LimitReading } from '#kernel';
import { keepAlive, type Reservation } from '#pool-core';
import type { Lease, LeaseOutcome, LeaseRequest } from '../contract/lease.js';
import type { ProviderPool } from '../domain/pool-snapshot.js';

/** Who is told what becomes of a lease. */
export interface LeaseKeeper {
  hearLimits(lease: PooledLease, readings: readonly LimitReading[]): void;
  end(lease: PooledLease, outcome: LeaseOutcome): void;
}

/** A lease on one account of a pool. */
export class PooledLease implements Lease {
  private open = true;

  readonly provider: string;
  readonly classifier: FailureClassifier;
  readonly call: ModelCall;

  constructor(
    pool: ProviderPool,
    readonly request: LeaseRequest,
    readonly adapter: ProviderAdapter,
    readonly target: UpstreamTarget,
    readonly costFactor: number,
    readonly reservation: Reservation,
    private readonly keeper: LeaseKeeper,
  ) {
    this.provider = pool.name;
    this.classifier = pool.judge;
    this.call = adapter === pool.adapter ? withoutForeignState(request.call) : request.call;
  }

  get accountId(): AccountId {
    return this.reservation.accountId;
  }

  keepAlive(): void {
    keepAlive(this.reservation);
  }

  noteLimits(readings: readonly LimitReading[]): void {
    if (this.open && readings.length > 0) this.keeper.hearLimits(this, readings);
  }

  settle(outcome: LeaseOutcome): void {
    if (!this.open) return;
    this.open = false;
    this.keeper.end(this, outcome);
  }
}
