import pg from 'pg';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import type { Timers } from './timers.js';

const shortestDelayMs = 250;
const longestDelayMs = 10_000;
const connectTimeoutMs = 5_000;

/** What a {@link Listener} works with. */
export interface ListenerOptions {
  readonly url: Secret;
  readonly channel: string;
  /** Called for each notification, and after each connection since some may have been missed before. */
  readonly onNotification: () => void;
  readonly logger: Logger;
  readonly timers: Timers;
}

/** Keeps one connection of its own listening; connects again, with growing pauses, when it is lost. */
export class Listener {
  #client: pg.Client | null = null;
  #closed = false;
  #cancelRetry: () => void = () => undefined;

  constructor(private readonly options: ListenerOptions) {}

  /** Resolves after the first attempt, whether it succeeded or not. */
  async start(retryDelayMs = shortestDelayMs): Promise<void> {
    const { url, channel, onNotification, logger } = this.options;
    const client = new pg.Client({
      connectionString: url.reveal(),
      application_name: 'provider-account-pool listener',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    this.#client = client;
    client.on('notification', onNotification);
    client.on('error', (error) => logger.warn('lost the connection for change notifications', { error }));
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      client.once('end', () => this.#retryIn(shortestDelayMs));
      onNotification();
    } catch (error) {
      if (!this.#closed) logger.warn('cannot listen for change notifications', { error, retryDelayMs });
      await client.end().catch(() => undefined);
      this.#retryIn(retryDelayMs);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#client?.end().catch(() => undefined);
  }

  #retryIn(delayMs: number): void {
    if (this.#closed) return;
    const retry = (): void => void this.start(Math.min(2 * delayMs, longestDelayMs));
    this.#cancelRetry = this.options.timers.after(delayMs, retry);
  }
}
