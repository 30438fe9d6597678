import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Logger } from '#observability';
import { PoolConfig } from './pool-config.js';
import { PoolDirectory } from './pool-directory.js';

/** Keeps the {@link PoolDirectory} equal to the stored configuration. With the database gone the last one stays in force. */
@Injectable()
export class PoolConfigRefresher implements OnModuleInit, OnApplicationShutdown {
  private unsubscribe: () => void = () => undefined;
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: PoolConfig,
    private readonly directory: PoolDirectory,
    private readonly logger: Logger,
  ) {}

  /** Before any request is served and before the health monitor restores states. */
  async onModuleInit(): Promise<void> {
    this.unsubscribe = this.config.onChange(async () => {
      await this.reload();
      // The feed calls again at its next look, until they are there.
      if (this.waitsForKeys())
        throw new Error('credentials wait for a holder of keys that cannot be reached');
    });
    await this.reload();
  }

  onApplicationShutdown(): void {
    this.unsubscribe();
  }

  /** One after the other, so that an older reading never takes the place of a newer one. */
  private reload(): Promise<void> {
    const next = this.reading.then(() => this.read());
    this.reading = next.catch(() => undefined);
    return next;
  }

  private async read(): Promise<void> {
    const known = new Set(this.unusable());
    this.directory.replace(await this.config.load());
    const accountIds = this.unusable().filter((id) => !known.has(id));
    if (accountIds.length === 0) return;
    this.logger.warn('accounts without a usable credential', { accountIds: accountIds.slice(0, 20) });
  }

  private waitsForKeys(): boolean {
    const accounts = [...this.directory.snapshot.accounts.values()];
    return accounts.some(
      ({ credentialFault }) => credentialFault === 'credential.unreadable.keys_unreachable',
    );
  }

  private unusable(): string[] {
    const accounts = [...this.directory.snapshot.accounts.values()];
    return accounts.filter(({ spec }) => !spec.credentialUsable).map(({ spec }) => spec.id);
  }
}
