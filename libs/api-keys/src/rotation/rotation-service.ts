import { randomUUIDv7 } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, DomainError, pageOf, readCursor, type Clock, type Page, type PageRequest } from '#kernel';
import { ChangeFeed } from '#persistence';
import { grantsOf, type KeyChanger } from '../api-key-change.js';
import { noSuchKey, unknownCursor } from '../api-keys.errors.js';
import { refuseBroader } from '../domain/grants.js';
import { KeyIssuer } from '../key-issuer.js';
import { RotationRepository } from '../persistence/rotation.repository.js';
import { rotationViewOf, type Rotated, type RotationView } from './rotation-view.js';
import { planSecrets, type HeldSecret } from './secrets-plan.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const usualGraceSeconds = 86_400;
const longestGraceSeconds = 90 * 86_400;

/** How a key is to be rotated. */
export interface RotationDraft {
  /** How long the secret in use goes on: 0 to 90 days; 1 day when left out, in an emergency 0. */
  readonly graceSeconds?: number;
  /** Ends a rotation under way, or where there is none the secret in use, at once. */
  readonly emergency?: boolean;
  /** The client's idempotency key: a repeat finds the rotation and makes no other. */
  readonly idempotencyKey?: string | undefined;
}

/** Replaces the secrets of system keys. The key keeps its id, name, limits, scopes, spend and history. */
@Injectable()
export class RotationService {
  constructor(
    private readonly rows: RotationRepository,
    private readonly issuer: KeyIssuer,
    private readonly changes: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Gives the key a new secret; the answer holds it, and it is kept nowhere. In force in this process when the call returns.
   *
   * @throws DomainError `not_found`, `invalid_request`, `insufficient_scope` when the key can do more than who asks, or `conflict`
   *   when it is revoked, expired or being rotated
   */
  async rotate(apiKeyId: string, draft: RotationDraft, by: KeyChanger): Promise<Rotated> {
    if (!uuid.test(apiKeyId)) throw noSuchKey(apiKeyId);
    const { emergency = false, idempotencyKey } = draft;
    const graceMs = graceMsOf(draft);
    const nowMs = this.clock.nowMs();
    const { row, secret } = await this.rows.rotate(randomUUIDv7(), {
      apiKeyId,
      cause: emergency ? 'emergency' : 'manual',
      requestKey: idempotencyKey === undefined ? null : `${by.apiKeyId ?? 'root'}:${idempotencyKey}`,
      now: new Date(nowMs),
      plan: (key, secrets) => {
        refuseBroader(by, grantsOf(key));
        const keyExpiresAtMs = key.expiresAt?.getTime() ?? Infinity;
        if (keyExpiresAtMs <= nowMs) throw keyIsExpired();
        return planSecrets(secrets.map(heldSecret), { nowMs, keyExpiresAtMs, graceMs, emergency });
      },
      issue: (slot) => this.issuer.issueSecret(apiKeyId, slot),
    });
    await this.changes.refresh();
    return { rotationId: row.id, secret, previousValidUntil: row.previousValidUntil ?? new Date(nowMs) };
  }

  /** @throws DomainError `not_found` */
  async get(id: string): Promise<RotationView> {
    const row = uuid.test(id) ? await this.rows.byId(id) : null;
    if (row === null) throw new DomainError('not_found', `There is no rotation '${id}'.`);
    return rotationViewOf(row, this.clock.nowMs());
  }

  /**
   * Lists rotations, the newest first.
   *
   * @param resourceId of one key; `undefined`: of all
   * @throws DomainError `invalid_request` for a cursor that is none of ours
   */
  async list({ limit, cursor }: PageRequest, resourceId?: string): Promise<Page<RotationView>> {
    const beforeId = readCursor(cursor);
    if (cursor !== null && (beforeId === null || !uuid.test(beforeId))) throw unknownCursor();
    if (resourceId !== undefined && !uuid.test(resourceId)) return { data: [], nextCursor: null };
    const nowMs = this.clock.nowMs();
    const page = pageOf(await this.rows.page(resourceId, limit + 1, beforeId), limit, ({ id }) => id);
    return { ...page, data: page.data.map((row) => rotationViewOf(row, nowMs)) };
  }
}

const heldSecret = (row: { keyId: string; slot: 1 | 2; validUntil: Date | null }): HeldSecret => ({
  keyId: row.keyId,
  slot: row.slot,
  validUntilMs: row.validUntil?.getTime() ?? Infinity,
});

function graceMsOf({ graceSeconds, emergency = false }: RotationDraft): number {
  const seconds = graceSeconds ?? (emergency ? 0 : usualGraceSeconds);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= longestGraceSeconds) return seconds * 1000;
  const message = `must be a whole number from 0 to ${longestGraceSeconds}`;
  throw new DomainError('invalid_request', `graceSeconds ${message}.`, { field: 'graceSeconds' });
}

const keyIsExpired = (): DomainError =>
  new DomainError('conflict', 'The API key is expired: a new secret would not be accepted.');
