import { Redis } from 'ioredis';
import type { Secret } from '#kernel';
import { SharingBus } from './sharing-bus.js';

/** What is not sent by then is not sent, ms. */
const sentWithinMs = 250;
const longestPauseMs = 5_000;

/** Publishes on one channel of Redis: one connection to send, one to listen. */
export class RedisSharingBus extends SharingBus {
  private readonly sender: Redis;
  private readonly receiver: Redis;
  private readonly channel: string;
  private listener: (text: string) => void = () => undefined;

  /** @param url its database is part of the channel's name: channels know of no databases */
  constructor(url: Secret) {
    super();
    this.sender = connect(url);
    this.receiver = connect(url);
    this.channel = `pap:pools:${this.sender.options.db ?? 0}`;
    this.receiver.on('ready', () => void this.receiver.subscribe(this.channel).catch(() => undefined));
    this.receiver.on('message', (_channel, text) => this.listener(text));
  }

  send(text: string): void {
    if (this.sender.status === 'ready') this.sender.publish(this.channel, text).catch(() => undefined);
  }

  listen(listener: (text: string) => void): void {
    this.listener = listener;
  }

  /** Connections that are not open are being opened already. */
  renew(): void {
    for (const redis of [this.sender, this.receiver]) if (redis.status === 'ready') redis.disconnect(true);
  }

  close(): void {
    this.listener = () => undefined;
    this.sender.disconnect();
    this.receiver.disconnect();
  }
}

function connect(url: Secret): Redis {
  const redis = new Redis(url.reveal(), {
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: sentWithinMs,
    connectTimeout: longestPauseMs,
    // A Redis that hangs does not say goodbye; waiting for it would make the pauses longer.
    disconnectTimeout: sentWithinMs,
    retryStrategy: (attempt) => Math.min(longestPauseMs, 50 * 2 ** Math.min(attempt, 10)),
  });
  // Told by whoever misses its own messages, once an outage and without the URL, which may hold a password.
  redis.on('error', () => undefined);
  return redis;
}
