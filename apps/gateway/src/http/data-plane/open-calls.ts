import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CallAbort } from '#ai-provider';
import { ApiKeySnapshot } from '#api-keys';
import { CLOCK, DomainError, type ApiKeyId, type Clock } from '#kernel';

const stopping = new DomainError('shutting_down', 'The gateway is stopping. Send the call again.');
const late = new DomainError('upstream_timeout', 'The call took longer than its deadline.');
const withdrawn = new DomainError('invalid_api_key', 'The API key was revoked or disabled during the call.');
/** How late a deadline or a lost key may be noticed. One timer for all calls is cheaper than one for each. */
const sweepMs = 250;
/** How long an aborted call may take to give back its lease and to leave its record. */
const settleMs = 1_000;

/** A call under way; its signal ends it. */
export interface OpenCall {
  readonly abort: CallAbort;
  readonly deadlineMs: number;
  /** Whose it is; `null` for the root admin secret. */
  readonly apiKeyId: ApiKeyId | null;
}

/**
 * The calls under way: ends those that pass their deadline, and those whose key is revoked or disabled meanwhile; lets a
 * stopping process wait for the rest.
 */
@Injectable()
export class OpenCalls implements OnApplicationShutdown {
  private readonly calls = new Set<OpenCall>();
  private readonly sweeper = setInterval(() => this.sweep(), sweepMs).unref();
  private onEmpty: (() => void) | null = null;
  /** The keys as they were when calls were last compared with them. */
  private keysSeen: ReadonlySet<ApiKeyId>;
  /** Whether the process is stopping: answers then close their connections. */
  draining = false;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly keys: ApiKeySnapshot,
  ) {
    this.keysSeen = keys.inForce;
  }

  /**
   * @param timeoutMs after this long, give or take a quarter of a second, the call is ended by `upstream_timeout`
   * @throws DomainError `invalid_api_key` when the key was lost while the request was read
   */
  open(timeoutMs: number, apiKeyId: ApiKeyId | null): OpenCall {
    if (apiKeyId !== null && !this.keys.inForce.has(apiKeyId)) throw withdrawn;
    const call = { abort: new CallAbort(), deadlineMs: this.clock.nowMs() + timeoutMs, apiKeyId };
    this.calls.add(call);
    return call;
  }

  close(call: OpenCall): void {
    this.calls.delete(call);
    if (this.calls.size === 0) this.onEmpty?.();
  }

  /**
   * Waits until every call has ended; those still open after `timeoutMs` are aborted, and then have settled too.
   *
   * @returns how many had to be aborted
   */
  async drain(timeoutMs: number): Promise<number> {
    this.draining = true;
    await this.untilEmpty(timeoutMs);
    const left = [...this.calls];
    for (const { abort } of left) abort.abort(stopping);
    await this.untilEmpty(settleMs);
    return left.length;
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweeper);
  }

  private async untilEmpty(timeoutMs: number): Promise<void> {
    if (this.calls.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onEmpty = resolve;
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
  }

  private sweep(): void {
    const nowMs = this.clock.nowMs();
    for (const { abort, deadlineMs } of this.calls) {
      if (deadlineMs <= nowMs) abort.abort(late);
    }
    this.endWithdrawn(this.keys.inForce);
  }

  /** A key that is lost must not go on being used by streams that had begun. */
  private endWithdrawn(inForce: ReadonlySet<ApiKeyId>): void {
    if (inForce === this.keysSeen) return;
    this.keysSeen = inForce;
    for (const { abort, apiKeyId } of this.calls) {
      if (apiKeyId !== null && !inForce.has(apiKeyId)) abort.abort(withdrawn);
    }
  }
}
