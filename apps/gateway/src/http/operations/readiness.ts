import { Injectable } from '@nestjs/common';
import { ApiKeySnapshot } from '#api-keys';
import { AccountScheduler } from '#provider-account-pool';
import { OpenCalls } from '../data-plane/open-calls.js';

/** Knows whether the process can serve calls. */
@Injectable()
export class Readiness {
  constructor(
    private readonly scheduler: AccountScheduler,
    private readonly keys: ApiKeySnapshot,
    private readonly openCalls: OpenCalls,
  ) {}

  /** What is missing before calls can be served; empty when ready. */
  waitingFor(): readonly string[] {
    const missing: string[] = [];
    if (!this.scheduler.loaded) missing.push('pool snapshot');
    if (!this.keys.isLoaded) missing.push('key snapshot');
    if (this.openCalls.draining) missing.push('restart: the process is stopping');
    return missing;
  }
}
