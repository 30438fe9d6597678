import type { Secret } from '#kernel';
import type { HeldPolicy } from '../persistence/rotation-policy.repository.js';
import type { Delivery } from './policy-draft.js';

/** A policy as the admin API shows it. */
export interface RotationPolicyView {
  readonly id: string;
  readonly name: string;
  readonly target: { readonly kind: 'api_key'; readonly ids: readonly string[] };
  readonly everyDays: number;
  readonly windowHours: number;
  readonly graceSeconds: number;
  readonly hardDeadline: boolean;
  readonly warnDays: readonly number[];
  readonly delivery: Delivery;
  /** Who said it last and answers for it: the id of a system key, or `root`. */
  readonly maker: string;
  /** When the next of its keys is rotated; `null`: it has none. */
  readonly nextDueAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Goes up with each change; for `If-Match`. */
  readonly version: number;
}

/** A policy just written. */
export interface WrittenPolicy {
  readonly policy: RotationPolicyView;
  /** What its webhooks are signed with, this once; `null`: nothing new. */
  readonly signingSecret: Secret | null;
}

/** What people may see of a policy. */
export function policyViewOf({ row, targets }: HeldPolicy): RotationPolicyView {
  const { id, name, targetKind: kind, everyDays, windowHours, graceSeconds, hardDeadline, warnDays } = row;
  const { delivery, maker, createdAt, updatedAt, version } = row;
  const [nextDueAt = null] = targets.map(({ dueAt }) => dueAt).sort((a, b) => a.getTime() - b.getTime());
  const target = { kind, ids: targets.map(({ apiKeyId }) => apiKeyId) };
  const timing = { everyDays, windowHours, graceSeconds, hardDeadline, warnDays };
  return { id, name, target, ...timing, delivery, maker, nextDueAt, createdAt, updatedAt, version };
}
