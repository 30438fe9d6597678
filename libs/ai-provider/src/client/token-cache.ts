import type { Clock, Secret } from '#kernel';
import type { Authority, IssuedToken, TokenExchange, UpstreamRequest } from '../contract/provider-adapter.js';
import { TokenDenied } from './token-fetch.js';

/** Not used any more so long before its end: clocks differ, and calls take their time to arrive. */
const lastUseMs = 30_000;
/** Replaced so long before its end, while calls go on with the old one. */
const renewalMs = 300_000;
/** A renewal that failed is tried again no sooner. */
const renewalPauseMs = 10_000;

interface Entry {
  issued: IssuedToken | null;
  pending: Promise<Secret> | null;
  /** From when on the token is replaced ahead of its end. */
  renewAtMs: number;
}

/**
 * Tokens exchanged for credentials. Each is remembered as long as its credential lives, so that there are never more of
 * them than credentials; one exchange is under way per credential, however many calls wait for it.
 */
export class TokenCache implements Authority {
  readonly #entries = new WeakMap<Secret, Entry>();

  /** @param fetch makes the request; resolves with the parsed answer, or rejects for whoever waits to be told */
  constructor(
    private readonly clock: Clock,
    private readonly fetch: (request: UpstreamRequest) => Promise<unknown>,
  ) {}

  nowMs(): number {
    return this.clock.nowMs();
  }

  token(credential: Secret, exchange: TokenExchange): Secret | Promise<Secret> {
    const entry = this.#entryOf(credential);
    const nowMs = this.nowMs();
    if (entry.issued === null || nowMs >= entry.issued.expiresAtMs - lastUseMs) {
      return (entry.pending ??= this.#exchange(entry, exchange));
    }
    if (nowMs >= entry.renewAtMs) this.#renew(entry, exchange, nowMs);
    return entry.issued.token;
  }

  /** The provider refused the token: the next call exchanges anew. */
  forget(credential: Secret): void {
    this.#entries.delete(credential);
  }

  #entryOf(credential: Secret): Entry {
    const known = this.#entries.get(credential);
    if (known !== undefined) return known;
    const entry: Entry = { issued: null, pending: null, renewAtMs: 0 };
    this.#entries.set(credential, entry);
    return entry;
  }

  /** Behind the back of the calls: a failure is no one's while the old token is good. */
  #renew(entry: Entry, exchange: TokenExchange, nowMs: number): void {
    if (entry.pending !== null) return;
    entry.renewAtMs = nowMs + renewalPauseMs;
    entry.pending = this.#exchange(entry, exchange);
    entry.pending.catch(() => undefined);
  }

  async #exchange(entry: Entry, exchange: TokenExchange): Promise<Secret> {
    try {
      const request = await exchange.request(this.nowMs());
      const body = await this.fetch(request);
      const nowMs = this.nowMs();
      const issued = exchange.read(body, nowMs);
      if (issued === null)
        throw new TokenDenied({ status: 200, headers: {}, body: null, transportCode: null });
      entry.issued = issued;
      // Of a short-lived one a fifth of its life is left.
      entry.renewAtMs = issued.expiresAtMs - Math.min(renewalMs, (issued.expiresAtMs - nowMs) / 5);
      return issued.token;
    } finally {
      entry.pending = null;
    }
  }
}
