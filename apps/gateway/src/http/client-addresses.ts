import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { AddressList, readIpAddress, type IpAddress } from '#api-keys';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';

/** More proxies in a row than this are believed by nobody: bounds the work on hostile headers. */
const mostHops = 99;

/**
 * Finds out who is behind a connection. `X-Forwarded-For` is read from the right, as far as its entries were written by
 * proxies that are trusted; what a client wrote itself stands further left and decides nothing.
 */
@Injectable()
export class ClientAddresses {
  private readonly isTrusted: (address: IpAddress, hop: number) => boolean;

  constructor(@Inject(GATEWAY_CONFIG) { server }: Pick<GatewayConfig, 'server'>) {
    this.isTrusted = trustOf(server.trustedProxies);
  }

  /** @returns `null` when it cannot be told: a proxy wrote no address, or there are too many proxies */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): IpAddress | null {
    let address = readIpAddress(socket.remoteAddress ?? '');
    const forwarded = String(headers['x-forwarded-for'] ?? '');
    let end = forwarded.length;
    for (let hop = 0; address !== null && this.isTrusted(address, hop); hop += 1) {
      if (hop === mostHops) return null;
      if (end <= 0 || forwarded === '') return address;
      const comma = forwarded.lastIndexOf(',', end - 1);
      address = readIpAddress(forwarded.slice(comma + 1, end).trim());
      end = comma;
    }
    return address;
  }
}

function trustOf(proxies: readonly string[]): (address: IpAddress, hop: number) => boolean {
  const [only] = proxies;
  if (only === undefined) return () => false;
  if (proxies.length === 1 && /^\d+$/.test(only)) return (_address, hop) => hop < Number(only);
  const list = AddressList.compile(proxies) ?? AddressList.nobody;
  return (address) => list.has(address);
}
