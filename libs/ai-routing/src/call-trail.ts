import type { UpstreamAnswer } from '#ai-provider';
import { costOf, type UsageAttempt, type UsageRecord } from '#billing';
import type { AccountId, FailureClass, TokenUsage } from '#kernel';
import { noTokens } from '#kernel';
import type { Lease, PoolRefusal } from '#provider-account-pool';
import type { MeterHold, RelayRequest } from './relay-contract.js';

type FailedAttempt = Extract<UpstreamAnswer, { kind: 'failed' }>;

/** What happened to one call so far: every attempt, the accounts tried, why pools refused. One per call. */
export class CallTrail {
  readonly attempts: UsageAttempt[] = [];
  readonly tried = new Set<AccountId>();
  /** Why no place served it in the end. */
  refusals: readonly PoolRefusal[] = [];
  /** The account of the last attempt. */
  lease: Lease | null = null;
  lastFailure: FailedAttempt | null = null;
  firstByteMs: number | null = null;
  /** What was set aside within the caller's own limits; `null`: it has none. */
  hold: MeterHold | null = null;

  constructor(private readonly startedAtMs: number) {}

  /**
   * Notes that an attempt starts on this account; it will not be picked for this call again.
   *
   * @returns whether the call meets this provider for the first time
   */
  begin(lease: Lease): boolean {
    this.lease = lease;
    this.tried.add(lease.accountId);
    return !this.attempts.some(({ provider }) => provider === lease.provider);
  }

  /** The account was not to blame: it may be picked again, for another model. */
  clear({ accountId }: Lease): void {
    this.tried.delete(accountId);
  }

  /** Notes how the attempt on `lease` ended. */
  end(
    lease: Lease,
    status: number | null,
    failure: FailureClass | 'aborted' | null,
    latencyMs: number,
  ): void {
    this.attempts.push({
      accountId: lease.accountId,
      provider: lease.provider,
      status,
      class: failure,
      latencyMs,
    });
  }

  /** The one usage record of the call, which ends what its caller's limits hold for it. */
  usage(request: RelayRequest, status: number, tokens: TokenUsage | null, nowMs: number): UsageRecord {
    const { call, caller } = request;
    const record: UsageRecord = {
      id: call.id,
      atMs: this.startedAtMs,
      apiKeyId: caller.apiKeyId,
      provider: this.lease?.provider ?? null,
      accountId: this.lease?.accountId ?? null,
      model: call.model,
      upstreamModel: this.lease?.target.model ?? null,
      operation: call.operation,
      status,
      attempts: this.attempts,
      tokens: tokens ?? noTokens,
      costFactor: this.lease?.costFactor ?? 1,
      latencyMs: nowMs - this.startedAtMs,
      firstByteMs: this.firstByteMs,
      stream: call.stream,
      tags: request.tags,
    };
    if (this.hold === null) return record;
    const costNanoUsd = costOf(record);
    this.hold.settle(record.tokens, costNanoUsd);
    return { ...record, costNanoUsd };
  }
}
