import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#audit';
import { asId, type Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { CredentialFingerprints } from '../fingerprints/credential-fingerprints.js';
import type { AccountCredentialEntity } from '../persistence/account-credential.entity.js';
import { CredentialRows } from '../persistence/credential-rows.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import type { AccountView } from './account-view.js';
import { AccountsService } from './accounts.service.js';

/** Credentials that one search shows; more of the same can only be if duplicates were allowed. */
const mostFound = 500;

/** A credential that was found. */
export interface FoundCredential {
  /** `null`: that of the environment, which is in no table. */
  readonly id: string | null;
  readonly state: AccountCredentialEntity['state'];
  readonly preview: string;
  readonly createdAt: Date;
}

/** An account, and which of its credentials are, or contain, what was looked for. */
export interface FoundAccount {
  readonly account: AccountView;
  readonly credentials: readonly FoundCredential[];
}

/** What a search came to. */
export interface AccountSearchResult {
  readonly data: readonly FoundAccount[];
  /** Whether there are more than are shown. */
  readonly more: boolean;
  /** Credentials that could not be compared: they cannot be opened, or have only just been upgraded. */
  readonly notCompared: number;
}

/** Finds out whose a leaked provider key is. */
@Injectable()
export class AccountSearch {
  constructor(
    private readonly rows: CredentialRows,
    private readonly fingerprints: CredentialFingerprints,
    private readonly directory: PoolDirectory,
    private readonly accounts: AccountsService,
    private readonly changes: ChangeFeed,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Compares a leaked text with every credential there is, those no longer or not yet in use and those of the environment
   * included. Of a JSON one the whole or any secret part is enough. Leaves an event of the audit log, found or not.
   */
  async find(leaked: Secret): Promise<AccountSearchResult> {
    const wanted = this.fingerprints.searchedFor(leaked);
    const rows = await this.rows.find(wanted, mostFound + 1);
    const notCompared = await this.rows.countUnknown(this.fingerprints.pepperIds);
    const found = Map.groupBy<string, FoundCredential & { accountId: string }>(
      [...rows.slice(0, mostFound), ...this.ofEnvironment(new Set(wanted))],
      ({ accountId }) => accountId,
    );
    await this.audit.record([
      {
        action: 'account.searched',
        targets: [...found.keys()].map((id) => `account:${id}`),
        facts: { accounts: found.size, notCompared },
        secrets: [leaked],
      },
    ]);
    return { data: await this.shown(found), more: rows.length > mostFound, notCompared };
  }

  private ofEnvironment(wanted: ReadonlySet<string>) {
    return [...this.directory.snapshot.accounts.values()].flatMap(
      ({ spec, source, credential, credentialPreview, createdAt }) => {
        if (source === 'database' || credential === null) return [];
        const isWanted = this.fingerprints.of(credential).fingerprints.some((each) => wanted.has(each));
        const preview = credentialPreview ?? '…';
        return isWanted
          ? [{ accountId: spec.id, id: null, state: 'active' as const, preview, createdAt }]
          : [];
      },
    );
  }

  /** What another process has only just added is read first; what has gone meanwhile is left out. */
  private async shown(
    found: ReadonlyMap<string, readonly (FoundCredential & { accountId: string })[]>,
  ): Promise<FoundAccount[]> {
    const isUnknown = (id: string): boolean => this.directory.account(asId<'Account'>(id)) === null;
    if ([...found.keys()].some(isUnknown)) await this.changes.refresh();
    return [...found].flatMap(([accountId, rows]) => {
      if (isUnknown(accountId)) return [];
      const credentials = rows.map(({ id, state, preview, createdAt }) => ({
        id,
        state,
        preview,
        createdAt,
      }));
      return [{ account: this.accounts.get(accountId), credentials }];
    });
  }
}
