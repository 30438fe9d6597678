import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import { RotationRunRepository } from '../persistence/rotation-run.repository.js';
import { RotationTargetRepository, type LeasedTarget } from '../persistence/rotation-target.repository.js';
import { RunStarter } from './run-starter.js';
import { nextLookMs } from './timetable.js';
import { WebhookCourier } from './webhook-courier.js';

const lookEveryMs = 5_000;
/** Longer than a step takes; what a process that died was at, another takes up after it. */
const leaseMs = 60_000;
/** Looked at together. */
const batch = 8;
/** In one go; the rest waits for the next. */
const mostBatches = 25;
const mostDead = 200;

/**
 * Rotates keys by their policies. Postgres decides which process does what: rows are claimed with `SKIP LOCKED` for the length of
 * a lease, and whoever lost its lease can note nothing. Each step is one transaction; killed between any two, the next process
 * goes on where this one was.
 */
@Injectable()
export class RotationRunner implements BeforeApplicationShutdown {
  private isStopping = false;
  private running: Promise<void> | null = null;

  constructor(
    private readonly targets: RotationTargetRepository,
    private readonly runs: RotationRunRepository,
    private readonly starter: RunStarter,
    private readonly courier: WebhookCourier,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Does all there is to do now. Never rejects. */
  @Interval(lookEveryMs)
  async tick(): Promise<void> {
    if (this.isStopping) return;
    this.running ??= this.attempt().finally(() => (this.running = null));
    await this.running;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  private async attempt(): Promise<void> {
    try {
      await this.endDead();
      await this.inBatches(
        (now, untilMs) => this.runs.lease(now, untilMs, batch),
        (run) => this.courier.attend(run),
      );
      await this.inBatches(
        (now, untilMs) => this.targets.lease(now, untilMs, batch),
        (target) => this.attend(target),
      );
    } catch (error) {
      this.logger.warn('rotations by policy are held up and will be taken up again', { error });
    }
  }

  private async endDead(): Promise<void> {
    const now = this.now();
    for (const run of await this.runs.dead(now, mostDead)) {
      await this.runs.endInVain(run, 'aborted', run.reason, now);
      this.logger.warn('the rotation of an API key was aborted', { rotationId: run.id, reason: run.reason });
    }
  }

  /** What fails is tried again by whoever finds the lease over. */
  private async inBatches<Row>(
    lease: (now: Date, untilMs: number) => Promise<Row[]>,
    attend: (row: Row) => Promise<void>,
  ): Promise<void> {
    for (let round = 0; round < mostBatches && !this.isStopping; round += 1) {
      const now = this.now();
      const rows = await lease(now, now.getTime() + leaseMs);
      const done = await Promise.allSettled(rows.map(attend));
      for (const each of done) {
        if (each.status === 'rejected')
          this.logger.warn('a rotation by policy is held up and will be taken up again', {
            error: each.reason,
          });
      }
      if (rows.length < batch) return;
    }
  }

  private async attend(target: LeasedTarget): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (target.dueAt.getTime() <= nowMs) return this.starter.start(target);
    const policy = await this.targets.policyOf(target);
    if (policy === null) return;
    const next = nextLookMs(target.dueAt.getTime(), policy, nowMs);
    if (!(await this.targets.warn(target, new Date(next)))) return;
    const { apiKeyId, policyId, dueAt } = target;
    this.logger.warn('an API key is to be rotated soon', { apiKeyId, policyId, dueAt });
  }

  private now(): Date {
    return new Date(this.clock.nowMs());
  }
}
