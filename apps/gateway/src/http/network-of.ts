import type { IpAddress } from '#api-keys';

/**
 * The name of a client where clients are counted apart by their address. Whoever has an IPv6 address has all of its network of 64
 * bits: more names than could be remembered.
 *
 * @param address `null`: it cannot be told; all such are one
 */
export const networkOf = (address: IpAddress | null): string =>
  address === null ? 'unknown' : address.slice(0, 2).join('.');
