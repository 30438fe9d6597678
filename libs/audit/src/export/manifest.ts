import { createHash } from 'node:crypto';
import type { SigningKeys, Signature } from '../checkpoints/signing-keys.js';
import type { StoredEvent } from '../domain/stored-event.js';
import type { ExportFormat } from './rendering.js';

/** What a file of events holds, signed, to be kept beside it. */
export interface Manifest extends Signature {
  readonly format: ExportFormat;
  readonly events: number;
  /** `null` when there is no event. */
  readonly firstSequence: number | null;
  readonly lastSequence: number | null;
  /** Hash of the last event, hex. */
  readonly headHash: string | null;
  /** Of the file, hex. */
  readonly sha256: string;
}

/** Watches a file being written and says what it holds. */
export class ManifestMaker {
  private readonly digest = createHash('sha256');
  private events = 0;
  private first: number | null = null;
  private last: StoredEvent | null = null;

  constructor(private readonly format: ExportFormat) {}

  /** @param text what goes into the file for these events */
  take(events: readonly StoredEvent[], text: string): void {
    this.digest.update(text);
    this.events += events.length;
    this.first ??= events[0]?.sequence ?? null;
    this.last = events.at(-1) ?? this.last;
  }

  /** After all of the file, once. */
  finish(keys: SigningKeys): Manifest {
    const said = {
      format: this.format,
      events: this.events,
      firstSequence: this.first,
      lastSequence: this.last?.sequence ?? null,
      headHash: this.last?.hash ?? null,
      sha256: this.digest.digest('hex'),
    };
    return { ...said, ...keys.sign(`audit manifest 1\n${Object.values(said).join('\n')}`) };
  }
}
