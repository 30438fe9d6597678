import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { UpstreamRequest } from '../contract/provider-adapter.js';

/** Who is told of an answer. Of a request that was never sent there is no controller. */
export interface UpstreamHandler extends Dispatcher.DispatchHandler {
  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void;
}

/**
 * The connections to all providers, a pool per origin. It does what undici's `Agent` does, which costs more on every
 * call: it writes and hashes a key to find the pool.
 */
export class OriginPools {
  readonly #pools = new Map<string, Pool>();
  #isClosed = false;

  constructor(private readonly options: Pool.Options) {}

  /** Sends a request; every way to fail is told to the handler, an origin that is none too. */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): void {
    try {
      const pool = this.#pools.get(request.origin) ?? this.#open(request.origin);
      const { openBody } = request;
      pool.dispatch(openBody === undefined ? request : { ...request, body: openBody() }, handler);
    } catch (error) {
      handler.onResponseError(null, error as Error);
    }
  }

  /** Breaks every connection; calls under way fail, and so does every later one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.destroy()));
  }

  #open(origin: string): Pool {
    const pool = new Pool(origin, this.options);
    this.#pools.set(origin, pool);
    if (this.#isClosed) void pool.destroy();
    // An origin that nobody calls any more is forgotten with its last connection, so that the map stays small.
    const forgetUnused = () => {
      const { connected, size } = pool.stats;
      if (connected > 0 || size > 0 || this.#pools.get(origin) !== pool) return;
      this.#pools.delete(origin);
      if (!pool.destroyed) void pool.close();
    };
    pool.on('disconnect', forgetUnused).on('connectionError', forgetUnused);
    return pool;
  }
}
