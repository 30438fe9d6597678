import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#audit';
import { asId, CLOCK, DomainError, type Clock } from '#kernel';
import { ChangeFeed } from '#persistence';
import type { HumanState } from '#pool-core';
import { refuseHumanTransition } from '../domain/human-state.js';
import { timelineEvent } from '../domain/timeline.js';
import { AccountProber, type ProbeReport } from '../health/account-prober.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { AccountRepository } from '../persistence/account-repository.js';
import { humanColumns } from '../persistence/human-columns.js';
import { noSuchAccount, readOnly } from '../provider-account-pool.errors.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { AccountsService } from './accounts.service.js';
import type { AccountView } from './account-view.js';

/** How long a pause lasts: until an instant, for a while, or, with neither, until somebody enables the account. */
export interface PauseRequest {
  readonly until?: Date | null;
  /** > 0. */
  readonly forSeconds?: number | null;
}

/** What people do with an account besides configuring it. In force in this process when the call returns. */
@Injectable()
export class AccountControl {
  constructor(
    private readonly rows: AccountRepository,
    private readonly accounts: AccountsService,
    private readonly directory: PoolDirectory,
    private readonly changes: ChangeFeed,
    private readonly health: HealthMonitor,
    private readonly prober: AccountProber,
    private readonly audit: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not_found`, or `conflict` when it is compromised or comes from the environment */
  enable(id: string, actor: string): Promise<AccountView> {
    return this.decide(id, { kind: 'enabled' }, null, actor);
  }

  /** @throws DomainError `not_found`, or `conflict` when it is compromised or comes from the environment */
  disable(id: string, reason: string | null, actor: string): Promise<AccountView> {
    return this.decide(id, { kind: 'disabled' }, reason, actor);
  }

  /** @throws DomainError `invalid_request` for an end that is not ahead, `not_found`, or `conflict` when it is off */
  pause(id: string, request: PauseRequest, reason: string | null, actor: string): Promise<AccountView> {
    return this.decide(id, { kind: 'paused', untilMs: this.endOfPause(request) }, reason, actor);
  }

  /** Off for good: the credential is revoked here and the account can never be enabled again. */
  markCompromised(id: string, reason: string | null, actor: string): Promise<AccountView> {
    return this.decide(id, { kind: 'compromised' }, reason, actor);
  }

  /** Forgets what the machine holds against an account, its models included. */
  async clearCooldown(id: string, actor: string): Promise<AccountView> {
    const { spec } = this.known(id);
    await this.audit.record([{ action: 'account.cooldown_cleared', targets: [`account:${spec.id}`] }]);
    this.health.clear(spec.id, actor);
    return this.accounts.get(id);
  }

  /** Makes the provider's cheapest call with the account's key now; a pass brings the account back. */
  async test(id: string, actor: string): Promise<ProbeReport> {
    const account = this.known(id);
    return this.prober.test(account, actor, (report) =>
      this.audit.record([
        {
          action: 'account.tested',
          targets: [`account:${account.spec.id}`],
          outcome: report.ok ? 'succeeded' : 'failed',
          facts: { class: report.class ?? null },
        },
      ]),
    );
  }

  private async decide(
    id: string,
    to: HumanState,
    reason: string | null,
    actor: string,
  ): Promise<AccountView> {
    const account = this.known(id);
    if (account.source === 'environment') throw readOnly();
    const found = await this.rows.change(id, (row) => {
      refuseHumanTransition(row.humanState, to.kind);
      const words = { from: row.humanState, to: to.kind, cause: reason, actor };
      const note = { accountId: account.spec.id, kind: to.kind, ...words };
      return {
        fields: humanColumns(to, reason),
        credential: null,
        event: timelineEvent(note, this.clock.nowMs()),
      };
    });
    if (!found) throw noSuchAccount(id);
    await this.changes.refresh();
    return this.accounts.get(id);
  }

  private known(id: string) {
    const account = this.directory.account(asId<'Account'>(id));
    if (account === null) throw noSuchAccount(id);
    return account;
  }

  private endOfPause({ until, forSeconds }: PauseRequest): number | null {
    const nowMs = this.clock.nowMs();
    const field = forSeconds == null ? 'until' : 'forSeconds';
    const endMs = forSeconds == null ? (until?.getTime() ?? null) : nowMs + forSeconds * 1000;
    if (endMs === null || endMs > nowMs) return endMs;
    throw new DomainError('invalid_request', `${field} must lie ahead.`, { field });
  }
}
