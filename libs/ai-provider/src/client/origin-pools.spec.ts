import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { UpstreamRequest } from '../contract/provider-adapter.js';
import { OriginPools } from './origin-pools.js';
import type { UpstreamHandler } from './origin-pools.js';

const options = { connections: 4, pipelining: 1, allowH2: false };
const requestTo = (origin: string): UpstreamRequest => ({
  method: 'GET',
  origin,
  path: '/',
  headers: {},
  body: null,
});

/** What a call came to: the status, or the code of its error. */
function call(pools: OriginPools, origin: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  let status = 0;
  const handler: UpstreamHandler = {
    onRequestStart: () => undefined,
    onResponseStart: (_, code) => void (status = code),
    onResponseData: () => undefined,
    onResponseEnd: () => resolve(status),
    onResponseError: (_, error) => resolve((error as NodeJS.ErrnoException).code),
  };
  pools.dispatch(requestTo(origin), handler);
  return promise;
}

async function serve(): Promise<{ origin: string; stop: () => Promise<unknown> }> {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    const closed = once(server, 'close');
    server.close().closeAllConnections();
    return closed;
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

describe('OriginPools', () => {
  it('goes on with an origin after all its connections broke or could not be opened', async () => {
    const pools = new OriginPools(options);
    const { origin, stop } = await serve();
    expect(await call(pools, origin)).toBe(200);
    await stop();
    expect(await call(pools, origin)).toMatch(/ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET/);
    expect(await call(pools, origin)).toBe('ECONNREFUSED');
    await pools.close();
  });

  it('fails every call after it was closed, to origins known and new', async () => {
    const pools = new OriginPools(options);
    const { origin, stop } = await serve();
    expect(await call(pools, origin)).toBe(200);
    await pools.close();
    expect(await call(pools, origin)).toBe('UND_ERR_DESTROYED');
    expect(await call(pools, 'http://127.0.0.1:9')).toBe('UND_ERR_DESTROYED');
    await stop();
  });

  it('tells the handler of an origin that is none', async () => {
    const pools = new OriginPools(options);
    expect(await call(pools, 'nowhere')).toBe('ERR_INVALID_URL');
    await pools.close();
  });
});
