import type { Secret } from '#kernel';
import type { RotationEntity } from '../persistence/rotation.entity.js';

/** A change of a key's secret, as the admin API shows it. */
export interface RotationView {
  readonly id: string;
  readonly resourceKind: 'api_key';
  /** Of the key. */
  readonly resourceId: string;
  readonly cause: 'manual' | 'emergency';
  /** `overlapping`: an earlier secret is valid beside the new one. */
  readonly state: 'overlapping' | 'done';
  readonly previousValidUntil: Date;
  readonly createdAt: Date;
}

/** A rotation just asked for. */
export interface Rotated {
  readonly rotationId: string;
  /** The new one, this once; `null`: the request was done before, and its secret is not shown again. */
  readonly secret: Secret | null;
  /** When the last of the earlier secrets ends. */
  readonly previousValidUntil: Date;
}

/** What people may see of a row. */
export function rotationViewOf(row: RotationEntity, nowMs: number): RotationView {
  const { id, resourceKind, apiKeyId: resourceId, cause, previousValidUntil, createdAt } = row;
  const state = previousValidUntil.getTime() > nowMs ? 'overlapping' : 'done';
  return { id, resourceKind, resourceId, cause, state, previousValidUntil, createdAt };
}
