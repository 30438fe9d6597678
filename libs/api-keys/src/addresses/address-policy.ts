import { DomainError, type Clock } from '#kernel';
import type { Counter, Logger, Metrics } from '#observability';
import type { Caller } from '../caller.js';
import type { AddressRule } from './address-rule.js';
import { formatIpAddress, type IpAddress } from './ip-address.js';

/** At most one line a list in this time. */
const logEveryMs = 60_000;

/** What the policy works with. */
export interface AddressPolicyParts {
  /** `GLOBAL_IP_ALLOWLIST`; `null`: no restriction. */
  readonly everybody: AddressRule | null;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Decides from where the gateway and its keys may be used: an address must be on the list of all and on the key's. */
export class AddressPolicy {
  private readonly refusals: Counter;

  constructor(private readonly parts: AddressPolicyParts) {
    this.refusals = parts.metrics.counter({
      name: 'pool_ip_refusals_total',
      help: 'Requests from addresses that are on no allow-list; reported: let through, as the list only reports yet',
      labels: ['list', 'outcome'],
    });
  }

  /** Whether nobody need find out an address before a key is known. */
  get isOpenToAll(): boolean {
    return this.parts.everybody === null;
  }

  /**
   * Before anything else is looked at.
   *
   * @param address `null` when it could not be told
   * @throws DomainError `ip_not_allowed`
   */
  admit(address: IpAddress | null): void {
    const { everybody } = this.parts;
    if (everybody !== null) this.check(everybody, address, 'global', null);
  }

  /** @throws DomainError `ip_not_allowed`, in the same words as {@link admit} */
  admitCaller({ addresses, apiKeyId }: Caller, address: IpAddress | null): void {
    if (addresses !== null) this.check(addresses, address, 'key', apiKeyId);
  }

  private check(
    rule: AddressRule,
    address: IpAddress | null,
    list: 'global' | 'key',
    apiKeyId: string | null,
  ): void {
    const nowMs = this.parts.clock.nowMs();
    const outcome = rule.check(address, nowMs);
    if (outcome === 'inside') return;
    this.refusals.increment({ list, outcome });
    if (nowMs - rule.loggedAtMs >= logEveryMs) {
      rule.loggedAtMs = nowMs;
      const from = address === null ? 'unknown' : formatIpAddress(address);
      this.parts.logger.warn('a request came from an address that is on no allow-list', {
        list,
        outcome,
        apiKeyId,
        address: from,
      });
    }
    if (outcome === 'refused') {
      const known = apiKeyId === null ? {} : { apiKeyId };
      throw new DomainError('ip_not_allowed', 'Requests from this address are not allowed.', known);
    }
  }
}
