import { createHash } from 'node:crypto';
import type { Signature, SignatureCheck } from '../checkpoints/public-keys.js';
import type { SigningKeys } from '../checkpoints/signing-keys.js';
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
    return { ...said, ...keys.sign(textOf(said)) };
  }
}

/** Whether a manifest was made by us and not changed since. */
export const isManifestOurs = (manifest: Manifest, keys: SignatureCheck): boolean =>
  keys.isSignatureOf(textOf(manifest), manifest);

/** @returns `null` for a text that is no manifest */
export function readManifest(text: string): Manifest | null {
  try {
    const read = JSON.parse(text) as Partial<Record<keyof Manifest, unknown>>;
    const texts = [read.sha256, read.keyId, read.signature].every((value) => typeof value === 'string');
    const isFormat = read.format === 'jsonl' || read.format === 'csv';
    return texts && isFormat && Number.isSafeInteger(read.events) ? (read as Manifest) : null;
  } catch {
    return null;
  }
}

function textOf(said: Omit<Manifest, keyof Signature>): string {
  const { format, events, firstSequence, lastSequence, headHash, sha256 } = said;
  return ['audit manifest 1', format, events, firstSequence, lastSequence, headHash, sha256].join('\n');
}
