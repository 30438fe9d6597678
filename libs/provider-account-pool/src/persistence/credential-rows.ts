import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { StoredFingerprints } from '../fingerprints/credential-fingerprints.js';
import type { AccountCredentialEntity } from './account-credential.entity.js';
import { changing } from './database-faults.js';

/** A credential as it is found by its fingerprint. */
export type FoundCredentialRow = Pick<
  AccountCredentialEntity,
  'id' | 'accountId' | 'state' | 'preview' | 'createdAt'
>;

/** A credential whose fingerprints are not known, or not any more. */
export type UnknownCredentialRow = Pick<AccountCredentialEntity, 'id' | 'sealed'>;

/** Finds credentials by their fingerprints, and those that have none. */
@Injectable()
export class CredentialRows {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Those with any of these fingerprints, whatever their state, newest first. @throws DomainError `storage_unavailable` */
  find(fingerprints: readonly string[], limit: number): Promise<FoundCredentialRow[]> {
    return changing('', () => this.dataSource.query(findRows, [fingerprints, limit]));
  }

  /** How many have no fingerprint under any of these peppers. @throws DomainError `storage_unavailable` */
  async countUnknown(pepperIds: readonly string[]): Promise<number> {
    const count = (): Promise<[{ rows: number }]> => this.dataSource.query(countUnknown, [pepperIds]);
    return (await changing('', count))[0].rows;
  }

  /** The next of those in order of id. @param after the id after which to go on; `null`: from the beginning */
  nextUnknown(
    pepperIds: readonly string[],
    after: string | null,
    limit: number,
  ): Promise<UnknownCredentialRow[]> {
    return this.dataSource.query(nextUnknown, [pepperIds, after, limit]);
  }

  /** Writes fingerprints in one statement; rows that have gone meanwhile are left out. */
  async note(known: ReadonlyMap<string, StoredFingerprints>): Promise<void> {
    const rows = [...known.values()];
    await this.dataSource.query(noteFingerprints, [
      [...known.keys()],
      rows.map((row) => row.fingerprintPepperId),
      rows.map((row) => row.fingerprints.join(' ')),
    ]);
  }
}

/** Whom a credential belongs to already. */
export interface CredentialOwner {
  readonly id: string;
  readonly name: string;
}

/**
 * Finds another account of the provider that has the same credential, or had it and is compromised. Whoever asks for the same one
 * meanwhile waits for the end of this transaction.
 *
 * @param wholes fingerprints of the whole credential, that under the primary pepper first
 */
export async function ownerOf(
  manager: EntityManager,
  wholes: readonly string[],
  { id, providerId }: { readonly id: string; readonly providerId: string },
): Promise<CredentialOwner | null> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [wholes[0]]);
  const [owner]: CredentialOwner[] = await manager.query(findOwner, [wholes, providerId, id]);
  return owner ?? null;
}

const findRows = `
  SELECT id, account_id AS "accountId", state, preview, created_at AS "createdAt" FROM account_credentials
  WHERE fingerprints && $1::text[] ORDER BY id DESC LIMIT $2`;

const findOwner = `
  SELECT a.id, a.name FROM account_credentials c JOIN accounts a ON a.id = c.account_id
  WHERE c.fingerprints && $1::text[] AND c.fingerprints[1] = ANY ($1) AND a.provider_id = $2 AND a.id <> $3
    AND (c.state <> 'revoked' OR a.human_state = 'compromised')
  ORDER BY a.id LIMIT 1`;

const isUnknown = `(fingerprint_pepper_id IS NULL OR fingerprint_pepper_id <> ALL ($1::text[]))`;
const countUnknown = `SELECT count(*)::integer AS rows FROM account_credentials WHERE ${isUnknown}`;
const nextUnknown = `
  SELECT id, sealed FROM account_credentials WHERE ${isUnknown} AND ($2::uuid IS NULL OR id > $2)
  ORDER BY id LIMIT $3`;

/** Rows are locked in order of id, so that two processes do not deadlock. */
const noteFingerprints = `
  WITH known AS (
    SELECT c.id, n.pepper_id, n.fingerprints
    FROM account_credentials c
    JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS n (id, pepper_id, fingerprints) USING (id)
    ORDER BY c.id FOR NO KEY UPDATE OF c
  )
  UPDATE account_credentials SET fingerprint_pepper_id = known.pepper_id,
    fingerprints = string_to_array(known.fingerprints, ' ')
  FROM known WHERE account_credentials.id = known.id`;
