import type { Secret } from '#kernel';
import type { RotationEntity } from '../persistence/rotation.entity.js';

/** A change of a key's secret, as the admin API shows it. */
export interface RotationView {
  readonly id: string;
  readonly resourceKind: 'api_key';
  /** Of the key. */
  readonly resourceId: string;
  readonly cause: RotationEntity['cause'];
  /** Of the policy it is done by; `null`: by hand, or the policy is gone. */
  readonly policyId: string | null;
  /** `overlapping`: the new secret was handed over, and an earlier one is valid beside it. */
  readonly state: Exclude<RotationEntity['state'], 'completed'> | 'overlapping' | 'done';
  /** Why it failed or was aborted, or why the latest delivery was in vain; `null`: nothing to say. */
  readonly reason: string | null;
  /** When the last of the earlier secrets ends; `null`: not before the new one is handed over. */
  readonly previousValidUntil: Date | null;
  /** Deliveries tried. */
  readonly attempts: number;
  /** When it is delivered again, or until when it may be claimed; `null`: it has ended. */
  readonly nextLookAt: Date | null;
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
  const {
    id,
    resourceKind,
    apiKeyId: resourceId,
    cause,
    policyId,
    reason,
    previousValidUntil,
    attempts,
  } = row;
  const { nextLookAt, createdAt } = row;
  const state = stateOf(row, nowMs);
  const ends = { previousValidUntil, attempts, nextLookAt, createdAt };
  return { id, resourceKind, resourceId, cause, policyId, state, reason, ...ends };
}

function stateOf({ state, previousValidUntil }: RotationEntity, nowMs: number): RotationView['state'] {
  if (state !== 'completed') return state;
  return previousValidUntil !== null && previousValidUntil.getTime() > nowMs ? 'overlapping' : 'done';
}
