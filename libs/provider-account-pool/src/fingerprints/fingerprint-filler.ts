import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Secret } from '#kernel';
import { Logger } from '#observability';
import { SecretBox } from '#secrets';
import { credentialContext } from '../persistence/credential-context.js';
import { CredentialRows, type UnknownCredentialRow } from '../persistence/credential-rows.js';
import { CredentialFingerprints, type StoredFingerprints } from './credential-fingerprints.js';

/** After a pass, for what could not be opened and for what an older process made meanwhile. */
const everyMs = 300_000;
/** Opened and written at a time. */
const batchRows = 100;

/**
 * Gives fingerprints to credentials that have none: those from before there were any, and those whose pepper was dropped. Rows are
 * locked for the one statement that writes a batch. Killed at any point, the next process goes on with what still has none; two
 * at once do the same twice.
 */
@Injectable()
export class FingerprintFiller implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private running: Promise<void> | null = null;
  private isStopping = false;

  constructor(
    private readonly rows: CredentialRows,
    private readonly fingerprints: CredentialFingerprints,
    private readonly box: SecretBox,
    private readonly logger: Logger,
  ) {}

  /** Serving does not wait for it. */
  onApplicationBootstrap(): void {
    void this.run();
  }

  /** One pass over all that have none. A pass that is under way is not joined by a second. Never rejects. */
  @Interval(everyMs)
  async run(): Promise<void> {
    this.running ??= this.pass()
      .catch((error: unknown) => this.logger.warn('credentials could not be fingerprinted', { error }))
      .finally(() => (this.running = null));
    await this.running;
  }

  /** The database is still there: it closes in the next phase. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  private async pass(): Promise<void> {
    let after: string | null = null;
    let unreadable = 0;
    while (!this.isStopping) {
      const batch = await this.rows.nextUnknown(this.fingerprints.pepperIds, after, batchRows);
      const known = await this.fingerprinted(batch);
      if (known.size > 0) await this.rows.note(known);
      unreadable += batch.length - known.size;
      after = batch.at(-1)?.id ?? null;
      if (batch.length < batchRows) break;
    }
    if (unreadable > 0)
      this.logger.warn('credentials cannot be opened, a search does not find them', { unreadable });
  }

  private async fingerprinted(
    batch: readonly UnknownCredentialRow[],
  ): Promise<Map<string, StoredFingerprints>> {
    const known = new Map<string, StoredFingerprints>();
    for (const { id, sealed } of batch) {
      if (this.isStopping) break;
      const credential = await this.box.open(sealed, credentialContext(id));
      if (credential instanceof Secret) known.set(id, this.fingerprints.of(credential));
    }
    return known;
  }
}
