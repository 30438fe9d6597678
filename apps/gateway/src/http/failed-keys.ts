import { Inject, Injectable } from '@nestjs/common';
import type { IpAddress } from '#api-keys';
import { CLOCK, DomainError, type Clock } from '#kernel';
import { networkOf } from './network-of.js';

/** Wrong keys that one address may present within a span. */
const mostFailures = 150;
const spanMs = 60_000;
/** Of more addresses the oldest are forgotten: bounds what hostile clients can make grow. */
const mostAddresses = 10_000;

interface Failures {
  count: number;
  readonly untilMs: number;
}

/**
 * Counts wrong keys by the address they come from, so that nobody tries out keys at leisure. Past the bound an address gets 429
 * for every further wrong key, and the root admin secret, which a person may have chosen, is not believed from there.
 * Generated keys are: 256 random bits are not found by trying, and their users may share the address.
 */
@Injectable()
export class FailedKeys {
  private readonly byAddress = new Map<string, Failures>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Addresses that are remembered; 0: none need be looked up. */
  get size(): number {
    return this.byAddress.size;
  }

  /**
   * Counts a wrong key.
   *
   * @param wrong what else would be said of it: the audit log counts it all the same
   * @throws DomainError `rate_limit_exceeded` when there were too many
   */
  note(address: IpAddress | null, wrong?: DomainError): void {
    const name = networkOf(address);
    const nowMs = this.clock.nowMs();
    const known = this.byAddress.get(name);
    if (known !== undefined && nowMs < known.untilMs) known.count += 1;
    else this.begin(name, nowMs);
    this.refuseBlocked(address, wrong);
  }

  /** @throws DomainError `rate_limit_exceeded` when too many wrong keys came from there */
  refuseBlocked(address: IpAddress | null, cause?: DomainError): void {
    const nowMs = this.clock.nowMs();
    const failures = this.byAddress.get(networkOf(address));
    if (failures === undefined || failures.count <= mostFailures || nowMs >= failures.untilMs) return;
    throw new DomainError('rate_limit_exceeded', 'Too many wrong API keys came from this address.', {
      retryAfterSeconds: Math.max(1, Math.ceil((failures.untilMs - nowMs) / 1000)),
      cause,
    });
  }

  private begin(name: string, nowMs: number): void {
    this.byAddress.delete(name);
    const [oldest] = this.byAddress.size >= mostAddresses ? this.byAddress.keys() : [];
    if (oldest !== undefined) this.byAddress.delete(oldest);
    this.byAddress.set(name, { count: 1, untilMs: nowMs + spanMs });
  }
}
