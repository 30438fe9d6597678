import { Inject, Injectable } from '@nestjs/common';
import type { ObjectKind, ProviderAdapter, UpstreamTarget } from '#ai-provider';
import { RANDOM, type AccountId, type ProviderFailure, type Random } from '#kernel';
import type { MachineState } from '#pool-core';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';

/** An account as what it keeps is asked for: no call of a model, nothing of its limits is taken. */
export interface ObjectAccount {
  readonly accountId: AccountId;
  readonly provider: string;
  readonly adapter: ProviderAdapter;
  readonly target: UpstreamTarget;
}

/** With whom new things may be put: who is at a limit of models may keep a file all the same. */
const keepsNew: Readonly<Record<MachineState['kind'], boolean>> = {
  closed: true,
  cooling: true,
  half_open: true,
  open: false,
  out_of_quota: false,
  auth_failed: false,
};

/** The accounts with which things lie that providers keep: files, batches, responses. */
@Injectable()
export class ObjectAccounts {
  constructor(
    private readonly directory: PoolDirectory,
    private readonly health: HealthMonitor,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** Names of the pools whose provider keeps things of a kind, in order of the alphabet. */
  pools(kind: ObjectKind): readonly string[] {
    const pools = [...this.directory.snapshot.pools.values()];
    return pools
      .filter(({ adapter }) => keeps(adapter, kind))
      .map(({ name }) => name)
      .sort();
  }

  /**
   * The account that keeps something. Paused or at rest it answers for what it keeps; not when a person has turned it off.
   *
   * @returns `null` when it is gone, off, or cannot be called
   */
  holder(accountId: AccountId, kind: ObjectKind): ObjectAccount | null {
    const account = this.directory.account(accountId);
    const isOff = account?.spec.human.kind === 'disabled' || account?.spec.human.kind === 'compromised';
    return account === null || isOff ? null : this.callable(account, kind);
  }

  /** With whom a new thing may be put, in the order of trial: by tier, within one by weight and chance. */
  candidates(provider: string, kind: ObjectKind): readonly ObjectAccount[] {
    const accounts = this.directory.pool(provider)?.accounts ?? [];
    const fit = accounts.filter(
      (account) => account.spec.human.kind === 'enabled' && keepsNew[this.health.stateOf(account).kind],
    );
    // Exponential draws: the smallest is each account's with the probability of its weight.
    const drawn = fit.map((account) => ({ account, at: -Math.log(1 - this.random()) / account.spec.weight }));
    drawn.sort((a, b) => a.account.spec.tier - b.account.spec.tier || a.at - b.at);
    return drawn.flatMap(({ account }) => this.callable(account, kind) ?? []);
  }

  /** A key that was refused is refused for calls of models, too. */
  noteRefusedKey(accountId: AccountId, failure: ProviderFailure): void {
    const account = this.directory.account(accountId);
    if (account !== null) this.health.recordTest(account, { ok: false, failure }, null);
  }

  private callable(
    { spec, provider, baseUrl, credential }: PoolAccount,
    kind: ObjectKind,
  ): ObjectAccount | null {
    const adapter = this.directory.pool(provider)?.adapter;
    if (adapter === undefined || !keeps(adapter, kind) || credential === null || !spec.credentialUsable) {
      return null;
    }
    return { accountId: spec.id, provider, adapter, target: { baseUrl, credential, model: '' } };
  }
}

const keeps = ({ capabilities: { objects = [] } }: ProviderAdapter, kind: ObjectKind): boolean =>
  objects.includes(kind);
