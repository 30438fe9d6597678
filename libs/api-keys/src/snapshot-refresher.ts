import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { asId } from '#kernel';
import { Logger } from '#observability';
import { ChangeFeed } from '#persistence';
import { KeyPeppers } from '#secrets';
import { AddressRule } from './addresses/address-rule.js';
import { ApiKeySnapshot, type RefusedKey, type VerifiableKey } from './api-key-snapshot.js';
import { AccessPermit } from './domain/access-rules.js';
import { tagRulesOf } from './domain/tag-rules.js';
import type { KeyMeter } from './limits/key-meter.js';
import { KeyMeters } from './limits/key-meters.js';
import { SpendReader } from './limits/spend-reader.js';
import type { ApiKeyEntity } from './persistence/api-key.entity.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';

/** Keeps the {@link ApiKeySnapshot} equal to the database; with the database gone the last state stays in force. */
@Injectable()
export class SnapshotRefresher implements OnApplicationBootstrap, OnApplicationShutdown {
  private unsubscribe: () => void = () => undefined;
  private readsBegun = 0;
  private readInForce = 0;

  constructor(
    private readonly rows: ApiKeyRepository,
    private readonly snapshot: ApiKeySnapshot,
    private readonly changes: ChangeFeed,
    private readonly peppers: KeyPeppers,
    private readonly meters: KeyMeters,
    private readonly spends: SpendReader,
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.changes.subscribe(['api_keys'], () => this.reload());
    await this.reload();
  }

  onApplicationShutdown(): void {
    this.unsubscribe();
  }

  private async reload(): Promise<void> {
    const read = (this.readsBegun += 1);
    const all = await this.rows.all();
    // A slow read must not bring back a key that a later one found revoked.
    if (read < this.readInForce) return;
    this.readInForce = read;
    const rows = all.filter(isUsable);
    const meters = rows.map((row) => this.meters.of(row));
    this.meters.keepOnly(new Set(meters));
    this.snapshot.replace(
      new Map(rows.flatMap((row, at) => verifiable(row, meters[at] ?? null))),
      new Map(all.filter((row) => !isUsable(row)).flatMap(refused)),
    );
    this.warnOfLostPeppers(rows);
    await this.spends.readNew();
  }

  private warnOfLostPeppers(rows: readonly ApiKeyEntity[]): void {
    const lost = new Set(
      rows
        .flatMap(({ secrets }) => secrets.map(({ pepperId }) => pepperId))
        .filter((id) => !this.peppers.has(id)),
    );
    if (lost.size === 0) return;
    this.logger.error(
      'API keys are refused because their pepper is missing: restore KEY_PEPPERS or the peppers file',
      {
        pepperIds: [...lost],
      },
    );
  }
}

const isUsable = ({ disabledAt, revokedAt }: ApiKeyEntity): boolean =>
  disabledAt === null && revokedAt === null;

const refused = ({ id, secrets }: ApiKeyEntity): [string, RefusedKey][] =>
  secrets.map(({ keyId, hash, pepperId }) => [keyId, { apiKeyId: asId<'ApiKey'>(id), hash, pepperId }]);

function verifiable(row: ApiKeyEntity, meter: KeyMeter | null): [string, VerifiableKey][] {
  const rules = {
    models: { allow: row.modelsAllow, deny: row.modelsDeny },
    providers: { allow: row.providersAllow, deny: row.providersDeny },
  };
  const caller = Object.freeze({
    apiKeyId: asId<'ApiKey'>(row.id),
    name: row.name,
    scopes: new Set(row.scopes),
    weight: row.weight,
    ...rules,
    permit: AccessPermit.of(rules),
    tagRules: tagRulesOf(row.tagsRequired, row.tagsAllowed),
    addresses: AddressRule.of(row.ipAllowlist, row.ipReportUntil?.getTime()),
    meter,
  });
  const ofKeyMs = row.expiresAt?.getTime() ?? Infinity;
  return row.secrets.map(({ keyId, hash, pepperId, validUntil }) => {
    const expiresAtMs = Math.min(ofKeyMs, validUntil?.getTime() ?? Infinity);
    return [keyId, { caller, hash, pepperId, expiresAtMs, proven: null }];
  });
}
