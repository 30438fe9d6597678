import { randomUUID } from 'node:crypto';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '#kernel';
import type { Logger, Metrics } from '#observability';
import type { QuotaNews } from '#pool-core';
import type { PoolStateStore } from '../scheduling/pool-state-store.js';
import { Peers } from './peers.js';
import { decodeMessage, encodeMessage, type NewsByPool, type ReplicaMessage } from './replica-message.js';
import type { SharingBus } from './sharing-bus.js';

/** How often what is new is told, ms. */
const everyMs = 50;
/** How often it is when it is urgent: a burst onto a full account. */
const urgentMs = 10;
/** How often a replica with nothing to tell is heard of, ms. */
const beatMs = 250;
/** Accounts of one pool that one message is about; the others follow in the next. */
const mostAccounts = 1_000;
/** Own messages that do not come back for so long are lost, ms. */
const lostAfterMs = 1_000;
/** Longer than the longest pause between two attempts to connect, ms. */
const waitForOthersMs = 6_000;
/** How long a replica that has begun is told what the others have used, ms; 20,000 accounts of a pool take so long. */
const newForMs = 1_000;
/** How often another connection is looked for while messages are lost, ms. */
const renewMs = 5_000;
/** Between two looks no more time than this counts: a process that did not run has not missed anything. */
const longestStepMs = 200;
/** Messages kept until they have come back; those of one second and more. */
const mostUnheard = 200;

/** What sharing works with. */
export interface PoolSharingParts {
  readonly states: PoolStateStore;
  /** `null`: there is nobody to share with. */
  readonly bus: SharingBus | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Tells the other replicas what the pools here have used and found out, and the pools here what the others have. While its own
 * messages do not come back, nobody hears anybody: limits are split among those who were there.
 */
export class PoolSharing implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly id = randomUUID();
  private readonly peers = new Peers();
  private timer: NodeJS.Timeout | null = null;
  private sequence = 0;
  /** Has not heard yet what others hold. */
  private mustAsk = true;
  /** Until when it believes what others say is missing: from its first message on, for as long as their answers take. */
  private newUntilMs = Infinity;
  /** Somebody has not heard yet what is held here. */
  private isAsked = false;
  private unheard: ReplicaMessage[] = [];
  private lastTickMs: number;
  /** Time that was looked at, ms. */
  private ranMs = 0;
  private sentMs = -Infinity;
  /** When it was looked for news last. */
  private lookedMs = -Infinity;
  /** When a message of its own came back last. */
  private heardMs = 0;
  private isAway = false;
  /** Among how many limits are split. */
  private shares = 1;
  /** Since when messages come back again. */
  private backMs = Infinity;
  private renewedMs = 0;

  constructor(private readonly parts: PoolSharingParts) {
    this.lastTickMs = parts.clock.nowMs();
    parts.bus?.listen((text) => this.hear(text));
    parts.metrics.gauge(
      { name: 'pool_replicas', help: 'Replicas that are heard of, this one included.' },
      (gauge) => gauge.set(this.peers.count + 1),
    );
    parts.metrics.gauge(
      {
        name: 'pool_limit_shares',
        help: 'Among how many replicas limits of accounts are split; 1: they are shared.',
      },
      (gauge) => gauge.set(this.shares),
    );
  }

  onApplicationBootstrap(): void {
    if (this.parts.bus !== null) this.timer = setInterval(() => this.tick(), urgentMs).unref();
  }

  onApplicationShutdown(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.send('leaves', []);
    this.parts.bus?.close();
  }

  /** Looks who is heard of, and tells what is new. */
  tick(): void {
    const nowMs = this.parts.clock.nowMs();
    this.ranMs += Math.max(0, Math.min(longestStepMs, nowMs - this.lastTickMs));
    this.lastTickMs = nowMs;
    this.lookWhoIsHeard(nowMs);
    if (this.isAway) {
      if (this.ranMs - this.sentMs >= beatMs) this.send('tells', []);
      return;
    }
    const isDue = this.ranMs - this.lookedMs >= everyMs;
    if (isDue || (this.peers.count > 0 && this.parts.states.isNewsUrgent())) this.tell(nowMs);
  }

  private tell(nowMs: number): void {
    this.lookedMs = this.ranMs;
    if (this.isAsked) this.parts.states.tellAnew(nowMs);
    this.isAsked = false;
    const news = [...this.parts.states.takeNews(mostAccounts, nowMs)];
    if (news.length === 0 && !this.mustAsk && this.ranMs - this.sentMs < beatMs) return;
    this.send(this.mustAsk ? 'asks' : 'tells', news);
    this.mustAsk = false;
  }

  private lookWhoIsHeard(nowMs: number): void {
    const isLost = this.ranMs - this.heardMs > lostAfterMs;
    if (isLost) this.backMs = Infinity;
    if (!this.isAway) {
      if (isLost) return this.splitUp(nowMs);
      for (const gone of this.peers.takeGone(this.ranMs)) this.parts.states.forgetReplica(gone);
      return;
    }
    if (isLost && this.ranMs - this.renewedMs >= renewMs) {
      this.renewedMs = this.ranMs;
      this.parts.bus?.renew();
    }
    const isBack = this.backMs < Infinity;
    if (isBack && (this.peers.areHeardSince(this.backMs) || this.ranMs - this.backMs >= waitForOthersMs))
      this.comeTogether(nowMs);
  }

  private splitUp(nowMs: number): void {
    const { logger } = this.parts;
    const replicas = this.peers.count + 1;
    this.tell(nowMs);
    this.supposeSpent(replicas - 1, nowMs);
    this.isAway = true;
    this.renewedMs = this.ranMs;
    this.splitAmong(replicas, nowMs);
    logger.warn('Redis is away: limits of accounts are split among the replicas that were there', {
      replicas,
    });
  }

  /**
   * What the others have spent since they were heard last is not known here: as much as was spent here is supposed of each. An equal
   * share of what was left then, less what was spent here since, is the same; so all shares together are no more than what is left.
   */
  private supposeSpent(others: number, nowMs: number): void {
    for (const [pool, ofPool] of this.unheard.flatMap(({ news }) => news))
      this.parts.states.hearNews(pool, this.id, spendingOf(ofPool, others), nowMs, false);
  }

  /** What was found out about accounts meanwhile is told; so is what was told and may not have been heard. */
  private comeTogether(nowMs: number): void {
    const { logger } = this.parts;
    this.isAway = false;
    this.backMs = Infinity;
    this.splitAmong(1, nowMs);
    for (const news of this.unheard.splice(0).map(findingsOf)) if (news.length > 0) this.send('tells', news);
    this.mustAsk = true;
    logger.info('Redis is back: limits of accounts are shared again', { replicas: this.peers.count + 1 });
  }

  private splitAmong(shares: number, nowMs: number): void {
    this.shares = shares;
    this.parts.states.splitLimits(shares, nowMs);
  }

  private send(kind: ReplicaMessage['kind'], news: NewsByPool): void {
    this.sequence += 1;
    this.sentMs = this.ranMs;
    const message = { replica: this.id, sequence: this.sequence, kind, news };
    if (news.length > 0 && this.unheard.length < mostUnheard) this.unheard.push(message);
    this.parts.bus?.send(encodeMessage(message));
  }

  private hear(text: string): void {
    const message = decodeMessage(text);
    if (message === null) return;
    if (message.replica === this.id) this.hearMyself(message.sequence);
    else this.hearPeer(message);
  }

  private hearMyself(sequence: number): void {
    this.heardMs = this.ranMs;
    if (this.newUntilMs === Infinity) this.newUntilMs = this.ranMs + newForMs;
    this.unheard = this.unheard.filter((message) => message.sequence > sequence);
    if (this.isAway) this.backMs = Math.min(this.backMs, this.ranMs);
  }

  private hearPeer({ replica, sequence, kind, news }: ReplicaMessage): void {
    const { states, clock } = this.parts;
    if (kind === 'leaves') {
      this.peers.drop(replica);
      return states.forgetReplica(replica);
    }
    const came = this.peers.hear(replica, sequence, this.ranMs);
    if (came === 'old' || came === 'stranger') return;
    if (came === 'gap') {
      // It tells what is held there, and what of that held here it has ended since.
      states.forgetReplica(replica);
      this.mustAsk = true;
    }
    if (kind === 'asks' || came !== 'next') this.isAsked = true;
    const nowMs = clock.nowMs();
    const isNew = this.ranMs < this.newUntilMs;
    for (const [pool, ofPool] of news) states.hearNews(pool, replica, ofPool, nowMs, isNew);
  }
}

/** What was spent alone, so many times. */
function spendingOf(news: readonly QuotaNews[], times: number): QuotaNews[] {
  return news.map(({ kind, id, spent }) => {
    const all = Object.entries(spent ?? {}).map(([name, units]) => [name, times * units] as const);
    return {
      kind,
      id,
      spent: Object.fromEntries(all),
      cost: 0,
      missing: null,
      inFlight: null,
      standings: [],
    };
  });
}

function findingsOf({ news }: ReplicaMessage): NewsByPool {
  return news.flatMap(([pool, ofPool]) => {
    const findings = ofPool.filter(({ standings }) => standings.length > 0);
    const told = findings.map((one) => ({ ...one, spent: null, cost: 0, missing: null, inFlight: null }));
    return told.length === 0 ? [] : [[pool, told] as const];
  });
}
