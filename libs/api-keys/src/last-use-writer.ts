import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Logger } from '#observability';
import { LastUses } from './last-uses.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';

/** How often uses are written, and so how often one key is written at most. */
const periodMs = 60_000;

/** Writes behind when keys were used. What cannot be written waits for the next time. */
@Injectable()
export class LastUseWriter implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly lastUses: LastUses,
    private readonly rows: ApiKeyRepository,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), periodMs).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Writes all that was noted since the last time. Never rejects. */
  async flush(): Promise<void> {
    const uses = this.lastUses.take();
    if (uses.size === 0) return;
    try {
      await this.rows.writeLastUses(uses);
    } catch (error) {
      this.lastUses.putBack(uses);
      this.logger.warn('could not write when API keys were used last; will try again', { error });
    }
  }
}
