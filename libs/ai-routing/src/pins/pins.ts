import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import type { ObjectKind } from '#ai-provider';
import { CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import { PinStore } from './pin-store.js';
import type { Pin, PinPage, PinSeeker } from './pin.js';

/** Remembered in this process, the latest used: some 10 MB. */
const mostRemembered = 20_000;
/** Written at once. */
const mostAtOnce = 500;
/** Waiting for a database that is gone; of more, the oldest are given up. */
const mostWaiting = 10_000;
const prunedAtOnce = 10_000;
const pruneRounds = 100;

/**
 * Knows with which account a thing lies that a provider keeps, and whose it is. What this process has met is known without
 * the database. With the database gone new pins wait in memory until it is back.
 */
@Injectable()
export class Pins implements BeforeApplicationShutdown {
  private readonly remembered = new Map<string, Pin>();
  private waiting = new Map<string, Pin>();
  private lastWrite: Promise<void> = Promise.resolve();
  private nextWrite: Promise<void> | null = null;
  private isDown = false;

  constructor(
    private readonly store: PinStore,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Without asking the database; `null` also for what only the database knows. */
  known(kind: ObjectKind, id: string, { owner }: PinSeeker): Pin | null {
    const key = keyOf(kind, id, owner);
    const pin = this.remembered.get(key);
    if (pin === undefined) return null;
    this.remembered.delete(key);
    if (pin.expiresAtMs <= this.clock.nowMs()) return null;
    this.remembered.set(key, pin);
    return pin;
  }

  /**
   * @returns `null` for what nobody has made, and for what belongs to another key: which, is nobody's business
   * @throws Error of the database when it is gone and the pin is not known here
   */
  async find(kind: ObjectKind, id: string, seeker: PinSeeker): Promise<Pin | null> {
    const known = this.known(kind, id, seeker);
    if (known !== null) return known;
    const pin = await this.store.find(kind, id, seeker);
    if (pin === null || pin.expiresAtMs <= this.clock.nowMs()) return null;
    this.keep(pin, seeker.owner);
    return pin;
  }

  /** What the seeker may see, one page. */
  list(kind: ObjectKind, seeker: PinSeeker, page: PinPage): Promise<readonly Pin[]> {
    return this.store.list(kind, seeker, page);
  }

  /** Rejects when what is made now could not be remembered. */
  async check(): Promise<void> {
    await this.store.check();
    this.isDown = false;
  }

  /**
   * Remembers a pin. Resolves when it is stored, or waits because the database is gone; never rejects. Pins that come
   * together are written together.
   */
  remember(pin: Pin): Promise<void> {
    this.keep(pin, pin.owner);
    this.waiting.set(keyOf(pin.kind, pin.id, pin.owner), pin);
    if (this.waiting.size > mostWaiting) this.giveUpOldest();
    return this.isDown ? Promise.resolve() : this.write();
  }

  /** Forgets a thing that is deleted, whoever knows of it. */
  async forget({ kind, id, owner }: Pin): Promise<void> {
    for (const known of [owner, null]) {
      this.remembered.delete(keyOf(kind, id, known));
      this.waiting.delete(keyOf(kind, id, known));
    }
    await this.store.remove(kind, id);
  }

  /** Tries again what could not be written. */
  @Interval(1_000)
  async retry(): Promise<void> {
    if (this.waiting.size > 0) await this.write();
  }

  /** Forgets what its provider keeps no more. Every replica may do it: they leave each other's rows alone. */
  @Cron('43 * * * *')
  async prune(): Promise<void> {
    try {
      for (let round = 0; round < pruneRounds; round += 1) {
        if ((await this.store.prune(this.clock.nowMs(), prunedAtOnce)) < prunedAtOnce) return;
      }
    } catch (error) {
      this.logger.warn('old pins could not be deleted', { error });
    }
  }

  /** The last calls have ended, and the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.waiting.size > 0) await this.write();
  }

  /** Who comes before the next write begins is part of it. */
  private write(): Promise<void> {
    this.nextWrite ??= this.lastWrite.then(() => {
      this.nextWrite = null;
      this.lastWrite = this.writeWaiting();
      return this.lastWrite;
    });
    return this.nextWrite;
  }

  private async writeWaiting(): Promise<void> {
    const batch = this.waiting;
    this.waiting = new Map();
    const pins = [...batch.values()];
    try {
      for (let at = 0; at < pins.length; at += mostAtOnce) {
        await this.store.save(pins.slice(at, at + mostAtOnce));
      }
      this.isDown = false;
    } catch (error) {
      if (!this.isDown) this.logger.warn('pins wait for the database', { count: pins.length, error });
      this.isDown = true;
      // What came meanwhile is newer.
      this.waiting = new Map([...batch, ...this.waiting]);
    }
  }

  private keep(pin: Pin, owner: Pin['owner']): void {
    const key = keyOf(pin.kind, pin.id, owner);
    this.remembered.delete(key);
    // Lists read the database: what was told of the thing need not stay here.
    this.remembered.set(key, pin.body === null ? pin : { ...pin, body: null });
    if (this.remembered.size <= mostRemembered) return;
    const [oldest] = this.remembered.keys();
    if (oldest !== undefined) this.remembered.delete(oldest);
  }

  private giveUpOldest(): void {
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined) this.waiting.delete(oldest);
    this.logger.error('a pin was lost: too many wait for the database', {});
  }
}

const keyOf = (kind: ObjectKind, id: string, owner: Pin['owner']): string => `${kind} ${id} ${owner ?? ''}`;
