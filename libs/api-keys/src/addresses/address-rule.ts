import type { IpAddress } from './ip-address.js';
import { AddressList } from './address-list.js';

/** What a check of an address comes to. `reported`: it would be refused, but the list only reports yet. */
export type AddressVerdict = 'inside' | 'reported' | 'refused';

/** From where a key may be used. */
export class AddressRule {
  /** When a refusal was last written to the log, ms since the epoch: a hostile client must not fill it. */
  loggedAtMs = -Infinity;

  /**
   * @param reportUntilMs until then the list refuses nobody, ms since the epoch; 0: it is enforced
   */
  private constructor(
    private readonly list: AddressList,
    private readonly reportUntilMs: number,
  ) {}

  /**
   * @returns `null` for an empty list, which restricts nothing. A list that cannot be read lets nobody in.
   */
  static of(entries: readonly string[], reportUntilMs = 0): AddressRule | null {
    if (entries.length === 0) return null;
    const list = AddressList.compile(entries);
    return list === null ? new AddressRule(AddressList.nobody, 0) : new AddressRule(list, reportUntilMs);
  }

  /** @param address `null`: it could not be told, and is on no list */
  check(address: IpAddress | null, nowMs: number): AddressVerdict {
    if (address !== null && this.list.has(address)) return 'inside';
    return nowMs < this.reportUntilMs ? 'reported' : 'refused';
  }
}
