import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, pageOf, readCursor, Secret, type Clock, type Page, type PageRequest } from '#kernel';
import { SecretBox } from '#secrets';
import { grantsOf, type KeyChanger } from '../api-key-change.js';
import { keyIsRevoked, noSuchPolicy, unknownCursor } from '../api-keys.errors.js';
import { refuseBroader } from '../domain/grants.js';
import {
  RotationPolicyRepository,
  type HeldPolicy,
  type PolicyWork,
} from '../persistence/rotation-policy.repository.js';
import { completePolicy, type Policy, type PolicyDraft } from './policy-draft.js';
import { policyViewOf, type RotationPolicyView, type WrittenPolicy } from './policy-view.js';
import { WebhookSender } from './webhook-sender.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Keeps the policies by which keys are rotated. Who writes one may give every key under it, as it then decides who gets their
 * secrets, and answers for it until somebody else changes it.
 */
@Injectable()
export class RotationPolicies {
  constructor(
    private readonly rows: RotationPolicyRepository,
    private readonly box: SecretBox,
    private readonly sender: WebhookSender,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws DomainError `invalid_request` with every faulty field or for a key that is not there, `insufficient_scope` when a key
   *   can do more than who asks, `conflict` when the name is taken, or a key is revoked or has another policy
   */
  async create(draft: PolicyDraft, by: KeyChanger): Promise<WrittenPolicy> {
    const policy = completePolicy(draft, null, this.sender);
    const id = randomUUIDv7();
    const { signingSecret, sealedSigningSecret } = await this.signing(id, policy);
    const row = { ...policy, id, targetKind: 'api_key' as const, maker: makerOf(by), sealedSigningSecret };
    const columns = { ...row, warnDays: [...row.warnDays] };
    await this.rows.insert(columns, uniqueIds(draft.target.ids), this.work(by, signingSecret));
    return { policy: await this.get(id), signingSecret };
  }

  /** @throws DomainError `not_found` */
  async get(id: string): Promise<RotationPolicyView> {
    return policyViewOf(await this.held(id));
  }

  /** Lists policies in order of creation. @throws DomainError `invalid_request` for a cursor that is none of ours */
  async list({ limit, cursor }: PageRequest): Promise<Page<RotationPolicyView>> {
    const afterId = readCursor(cursor);
    if (cursor !== null && (afterId === null || !uuid.test(afterId))) throw unknownCursor();
    const page = pageOf(await this.rows.page(limit + 1, afterId), limit, ({ row }) => row.id);
    return { ...page, data: page.data.map(policyViewOf) };
  }

  /**
   * Changes the fields that are given. A delivery by webhook that is given gets another signing secret, also when it is the same.
   *
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `conflict` when it has changed since, and as {@link create}, for the keys it has and for those it gets
   */
  async update(
    id: string,
    version: number,
    draft: Partial<PolicyDraft>,
    by: KeyChanger,
  ): Promise<WrittenPolicy> {
    const { row } = await this.held(id);
    const policy = completePolicy(draft, row, this.sender);
    const renews = draft.delivery !== undefined;
    const signing = renews ? await this.signing(id, policy) : null;
    const ids = draft.target === undefined ? undefined : uniqueIds(draft.target.ids);
    const work = this.work(by, signing?.signingSecret ?? null);
    await this.rows.update(
      id,
      version,
      ({ sealedSigningSecret }) => ({
        ...policy,
        warnDays: [...policy.warnDays],
        maker: makerOf(by),
        sealedSigningSecret: signing === null ? sealedSigningSecret : signing.sealedSigningSecret,
      }),
      ids,
      work,
    );
    return { policy: await this.get(id), signingSecret: signing?.signingSecret ?? null };
  }

  /** @throws DomainError `not_found`, or `conflict` while keys are under it or rotated by it */
  async remove(id: string): Promise<void> {
    if (!uuid.test(id)) throw noSuchPolicy(id);
    await this.rows.remove(id);
  }

  private work(by: KeyChanger, signingSecret: Secret | null): PolicyWork {
    return {
      nowMs: this.clock.nowMs(),
      signingSecret,
      check: (key) => {
        if (key.revokedAt !== null) throw keyIsRevoked();
        refuseBroader(by, grantsOf(key));
      },
    };
  }

  private async signing(id: string, { delivery }: Policy): Promise<Signing> {
    if (delivery.kind === 'claim') return { signingSecret: null, sealedSigningSecret: null };
    const signingSecret = new Secret(`whsec_${randomBytes(32).toString('base64')}`);
    const sealedSigningSecret = await this.box.seal(signingSecret, signingSecretCell(id));
    return { signingSecret, sealedSigningSecret };
  }

  private async held(id: string): Promise<HeldPolicy> {
    const held = uuid.test(id) ? await this.rows.byId(id) : null;
    if (held === null) throw noSuchPolicy(id);
    return held;
  }
}

interface Signing {
  readonly signingSecret: Secret | null;
  readonly sealedSigningSecret: Buffer | null;
}

/** Where the signing secret of a policy is. */
export const signingSecretCell = (rowId: string) =>
  ({ table: 'rotation_policies', column: 'sealed_signing_secret', rowId }) as const;

const makerOf = ({ apiKeyId }: KeyChanger): string => apiKeyId ?? 'root';
const uniqueIds = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => id.toLowerCase()))];
