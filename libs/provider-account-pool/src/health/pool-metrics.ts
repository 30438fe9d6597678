import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#kernel';
import { Metrics, type Gauge } from '#observability';
import { countByState } from '../scheduling/pool-report.js';
import { PoolStateStore } from '../scheduling/pool-state-store.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';

const words = [
  'closed',
  'cooling',
  'open',
  'half_open',
  'out_of_quota',
  'auth_failed',
  'paused',
  'disabled',
  'compromised',
];

/** Shows how many accounts are in which state and how evenly calls are spread, read when the figures are asked for. */
@Injectable()
export class PoolMetrics {
  constructor(
    private readonly directory: PoolDirectory,
    private readonly states: PoolStateStore,
    metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const options = {
      name: 'pool_accounts',
      help: 'Accounts by state: what a person decided if not "enabled", else what the machine found out.',
      labels: ['provider', 'state'],
    };
    metrics.gauge(options, (gauge) => this.countStates(gauge));
    const entropy = {
      name: 'pool_selection_entropy_ratio',
      help: 'Entropy of the last 1,000 picks over that of the weights: 1 when calls follow the weights.',
      labels: ['provider'],
    };
    metrics.gauge(entropy, (gauge) => this.measureSpread(gauge));
  }

  /** A pool without picks or choice has no figure. */
  private measureSpread(gauge: Gauge): void {
    const nowMs = this.clock.nowMs();
    for (const provider of this.directory.snapshot.pools.keys()) {
      const { entropyRatio } = this.states.pickSpread(provider, nowMs);
      if (entropyRatio !== null) gauge.set(entropyRatio, { provider });
    }
  }

  private countStates(gauge: Gauge): void {
    const nowMs = this.clock.nowMs();
    for (const provider of this.directory.snapshot.pools.keys()) {
      const counts = countByState(this.states.statuses(provider, nowMs), nowMs);
      for (const state of words) gauge.set(counts[state] ?? 0, { provider, state });
    }
  }
}
