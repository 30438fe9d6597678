import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { asId, type Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { SecretBox, type Unreadable } from '#secrets';
import type { DataSource } from 'typeorm';
import { completeLimits } from '../domain/account-limits.js';
import type { PoolAccount, Provider } from '../domain/pool-snapshot.js';
import type { QuotaGroupView } from '../domain/quota-group.js';
import { PoolConfig, type StoredPoolConfig } from '../snapshot/pool-config.js';
import { ProviderKinds } from '../snapshot/provider-kinds.js';
import { AccountCredentialEntity } from './account-credential.entity.js';
import { AccountEntity } from './account.entity.js';
import { budgetOf } from './budget-columns.js';
import { credentialContext } from './credential-context.js';
import { failureRuleOf } from './failure-rule-repository.js';
import { FailureRuleEntity } from './failure-rule.entity.js';
import { humanStateOf } from './human-columns.js';
import { ProviderEntity } from './provider.entity.js';
import { QuotaGroupEntity } from './quota-group.entity.js';

/** Reads the configuration in one consistent view. Each credential is opened once, not at each reading. */
@Injectable()
export class PostgresPoolConfig extends PoolConfig {
  private opened = new Map<string, OpenedCredential>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly changes: ChangeFeed,
    private readonly secrets: SecretBox,
    private readonly kinds: ProviderKinds,
  ) {
    super();
  }

  async load(): Promise<StoredPoolConfig> {
    const rows = await this.read();
    const providers = rows.providers.map(providerOf);
    const providerById = new Map(providers.map((provider) => [provider.id as string, provider]));
    const quotaGroups = rows.quotaGroups.flatMap((row) => {
      const provider = providerById.get(row.providerId);
      return provider === undefined ? [] : [quotaGroupOf(row, provider)];
    });
    const groupById = new Map(quotaGroups.map((group) => [group.id, group]));
    const activeOf = new Map(rows.credentials.map((row) => [row.accountId, row]));
    await this.open(rows.credentials);
    const accounts = rows.accounts.flatMap((row) => {
      const provider = providerById.get(row.providerId);
      if (provider === undefined) return [];
      const group = groupById.get(row.quotaGroupId ?? '') ?? null;
      return [this.accountOf(row, provider, group, activeOf.get(row.id))];
    });
    return { providers, quotaGroups, failureRules: rows.failureRules.map(failureRuleOf), accounts };
  }

  onChange(callback: () => Promise<void>): () => void {
    return this.changes.subscribe(['providers', 'accounts'], callback);
  }

  private read() {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => ({
      providers: await manager.find(ProviderEntity, { order: { id: 'ASC' } }),
      quotaGroups: await manager.find(QuotaGroupEntity, { order: { id: 'ASC' } }),
      failureRules: await manager.find(FailureRuleEntity, { order: { id: 'ASC' } }),
      accounts: await manager.find(AccountEntity, { order: { id: 'ASC' } }),
      credentials: await manager.findBy(AccountCredentialEntity, { state: 'active' }),
    }));
  }

  /** What was opened once stays good while its envelope is the same: the re-wrap job changes it. The rest is forgotten. */
  private async open(rows: readonly AccountCredentialEntity[]): Promise<void> {
    const opened = new Map<string, OpenedCredential>();
    for (const { id, sealed } of rows) {
      const known = this.opened.get(id);
      const isGood = known !== undefined && !('unreadable' in known.content) && known.sealed.equals(sealed);
      const content = isGood ? known.content : await this.secrets.open(sealed, credentialContext(id));
      opened.set(id, { sealed, content });
    }
    this.opened = opened;
  }

  private accountOf(
    row: AccountEntity,
    provider: Provider,
    group: QuotaGroupView | null,
    active: AccountCredentialEntity | undefined,
  ): PoolAccount {
    const baseUrl = provider.baseUrl ?? this.kinds.baseUrlOf(provider.kind);
    const opened = active === undefined ? undefined : this.opened.get(active.id)?.content;
    const fault = faultOf(opened, baseUrl);
    return {
      spec: {
        id: asId<'Account'>(row.id),
        weight: row.weight,
        tier: row.tier,
        human: humanStateOf(row),
        credentialUsable: fault === null,
        limits: completeLimits(row.limits),
        quotaGroup: group === null ? null : { id: group.id, limits: group.limits },
        budget: budgetOf(row),
        costFactor: row.costFactor,
        models: row.models,
      },
      provider: provider.name,
      source: 'database',
      name: row.name,
      humanReason: row.humanReason,
      tags: row.tags,
      notes: row.notes,
      baseUrl: baseUrl ?? '',
      credential: opened === undefined || 'unreadable' in opened ? null : opened,
      credentialPreview: active?.preview ?? null,
      credentialFault: fault,
      version: row.version,
      lastUsedAt: row.lastUsedAt,
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
    };
  }
}

interface OpenedCredential {
  readonly sealed: Buffer;
  readonly content: Secret | Unreadable;
}

function faultOf(opened: Secret | Unreadable | undefined, baseUrl: string | null): string | null {
  if (opened === undefined) return 'credential.missing';
  if ('unreadable' in opened) return `credential.unreadable.${opened.reason}`;
  return baseUrl === null ? 'provider.base_url_missing' : null;
}

function quotaGroupOf(row: QuotaGroupEntity, provider: Provider): QuotaGroupView {
  const { id, name, limits, notes, version, createdAt, updatedAt } = row;
  return {
    id,
    name,
    provider: provider.name,
    limits: completeLimits(limits),
    notes,
    version,
    createdAt,
    updatedAt,
  };
}

function providerOf(row: ProviderEntity): Provider {
  const { name, kind, baseUrl, strategy, settings, version, createdAt, updatedAt } = row;
  const id = asId<'Provider'>(row.id);
  return { id, name, kind, baseUrl, strategy, settings, version, createdAt, updatedAt };
}
