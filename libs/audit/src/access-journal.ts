import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import type { AuditActor, AuditDraft, AuditOrigin } from './audit-event.js';
import { AuditTrail } from './audit-trail.js';

/** Kinds of refusal that are counted apart at a time; what is beyond is counted together. */
const mostDenials = 1_000;
/** Addresses that are named of one kind of refusal. */
const mostAddresses = 5;
/** Pairs of key and address that are remembered as having signed in. */
const mostSignedIn = 10_000;
/** Sign-ins that wait for the next minute. */
const mostWaiting = 1_000;
const signInMs = 3_600_000;
/** What counts the refusals there is no more room for. */
const beyond = 'others';

interface CountedDenials {
  readonly reason: string;
  readonly apiKeyId: string | null;
  readonly count: number;
  readonly addresses: Iterable<string>;
}

interface Denial extends CountedDenials {
  count: number;
  readonly addresses: Set<string>;
}

/** Takes in refusals and uses of the admin API as they happen, in bounded memory, and writes them once a minute. */
@Injectable()
export class AccessJournal implements BeforeApplicationShutdown {
  private denials = new Map<string, Denial>();
  /** When a key and an address were last written down as signed in, ms; the oldest first. */
  private readonly signedIn = new Map<string, number>();
  private signIns: AuditOrigin[] = [];

  constructor(
    private readonly trail: AuditTrail,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Counts a refusal.
   *
   * @param reason code of the error
   * @param apiKeyId `null` when it is not known whose request it was
   */
  denied(reason: string, apiKeyId: string | null, ip: string | null): void {
    this.count({ reason, apiKeyId, count: 1, addresses: ip === null ? [] : [ip] });
  }

  /** Notes that a key is used for the admin API. */
  used(origin: AuditOrigin): void {
    const nowMs = this.clock.nowMs();
    const name = `${origin.actor.kind} ${origin.actor.id ?? ''} ${origin.ip ?? ''}`;
    const lastMs = this.signedIn.get(name);
    if (lastMs !== undefined && nowMs - lastMs < signInMs) return;
    this.signedIn.delete(name);
    this.signedIn.set(name, nowMs);
    if (this.signedIn.size > mostSignedIn) this.signedIn.delete(this.signedIn.keys().next().value ?? '');
    if (this.signIns.length < mostWaiting) this.signIns.push(origin);
  }

  /** Writes what was taken in; what cannot be written waits for the next minute. */
  @Cron('* * * * *')
  async flush(): Promise<void> {
    const { denials, signIns } = this;
    if (denials.size + signIns.length === 0) return;
    this.denials = new Map();
    this.signIns = [];
    try {
      await this.trail.record([...signIns.map(signInEvent), ...[...denials.values()].map(denialEvent)]);
    } catch (error) {
      this.logger.warn('refusals and sign-ins could not be written to the audit log, they wait', { error });
      this.signIns = [...signIns, ...this.signIns].slice(0, mostWaiting);
      for (const denial of denials.values()) this.count(denial);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  private count({ reason, apiKeyId, count, addresses }: CountedDenials): void {
    const denial = this.place(reason, apiKeyId);
    denial.count += count;
    for (const ip of addresses) {
      if (denial.addresses.size < mostAddresses) denial.addresses.add(ip);
    }
  }

  private place(reason: string, apiKeyId: string | null): Denial {
    const name = `${reason} ${apiKeyId ?? ''}`;
    const known = this.denials.get(name);
    if (known !== undefined) return known;
    if (this.denials.size >= mostDenials && reason !== beyond) return this.place(beyond, null);
    const denial = { reason, apiKeyId, count: 0, addresses: new Set<string>() };
    this.denials.set(name, denial);
    return denial;
  }
}

const signInEvent = (origin: AuditOrigin): AuditDraft => ({ action: 'signed_in', targets: [], origin });

function denialEvent({ reason, apiKeyId, count, addresses }: Denial): AuditDraft {
  const actor: AuditActor =
    apiKeyId === null ? { kind: 'unknown', id: null } : { kind: 'api_key', id: apiKeyId };
  const [ip = null, ...others] = addresses;
  const several = others.length > 0;
  return {
    action: 'denied',
    targets: [],
    outcome: 'refused',
    facts: { reason, count, ...(several && { addresses: [...addresses] }) },
    origin: { actor, ip: several ? null : ip, requestId: null, correlationId: null },
  };
}
