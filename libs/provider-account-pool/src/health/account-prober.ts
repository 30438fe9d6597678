import { Injectable } from '@nestjs/common';
import { UpstreamClient, type ProbeResult } from '#ai-provider';
import type { FailureClass } from '#kernel';
import { Metrics, type Counter } from '#observability';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { HealthMonitor } from './health-monitor.js';

/** What a test of an account came to. */
export interface ProbeReport {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly class?: FailureClass;
  /** For people; holds nothing a provider wrote. */
  readonly message?: string;
}

const probeTimeoutMs = 15_000;

/** Tests accounts by the cheapest call their provider has; a paid completion is never made. */
@Injectable()
export class AccountProber {
  private readonly probes: Counter;

  constructor(
    private readonly upstream: UpstreamClient,
    private readonly directory: PoolDirectory,
    private readonly health: HealthMonitor,
    metrics: Metrics,
  ) {
    this.probes = metrics.counter({
      name: 'pool_probes_total',
      help: 'Tests of accounts beside the traffic.',
      labels: ['provider', 'result'],
    });
  }

  /**
   * Tests an account because somebody asked; what it came to counts, and stands in the timeline.
   *
   * @param witness is told what it came to before it counts; what it throws keeps it from counting
   */
  async test(
    account: PoolAccount,
    actor: string,
    witness: (report: ProbeReport) => Promise<void>,
  ): Promise<ProbeReport> {
    const result = await this.probe(account, AbortSignal.timeout(probeTimeoutMs));
    const report = reportOf(account, result);
    await witness(report);
    if (result === null) return report;
    const { id: accountId } = account.spec;
    if (result.ok) {
      this.health.note({ accountId, kind: 'tested', cause: 'passed', actor });
      this.health.recordTest(account, { ok: true }, actor);
    } else {
      const { failure } = result;
      this.health.note({ accountId, kind: 'tested', cause: failure.class, rule: failure.rule, actor });
      this.health.recordTest(account, { ok: false, failure }, actor);
    }
    return report;
  }

  /**
   * Makes the call, and nothing else.
   *
   * @returns `null` for an account that cannot be called
   */
  async probe(account: PoolAccount, signal: AbortSignal): Promise<ProbeResult | null> {
    const pool = this.directory.pool(account.provider);
    const { credential, baseUrl, spec } = account;
    if (pool === null || credential === null || !spec.credentialUsable) return null;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]);
    const result = await this.upstream.probe(pool.adapter, { baseUrl, credential }, bounded, pool.judge);
    this.probes.increment({
      provider: account.provider,
      result: result.ok ? 'passed' : result.failure.class,
    });
    return result;
  }
}

function reportOf(account: PoolAccount, result: ProbeResult | null): ProbeReport {
  if (result === null) return { ok: false, latencyMs: 0, ...withoutCredential(account) };
  const latencyMs = Math.round(result.latencyMs);
  if (result.ok) return { ok: true, latencyMs };
  const { class: failure, rule } = result.failure;
  return { ok: false, latencyMs, class: failure, message: `Failed by the rule ${rule}.` };
}

function withoutCredential({ credentialFault }: PoolAccount): Pick<ProbeReport, 'class' | 'message'> {
  return {
    class: 'authentication',
    message: `Cannot be called: ${credentialFault ?? 'unknown provider kind'}.`,
  };
}
