import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SignatureCheck } from '../checkpoints/public-keys.js';
import { ChainCheck, type ChainEnd, type ChainFault } from '../domain/chain-check.js';
import { eventHash, genesisHash } from '../domain/event-hash.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { isManifestOurs, readManifest, type Manifest } from '../export/manifest.js';
import { linesOf } from './lines-of.js';
import { readEvent } from './read-event.js';

/** A file of events and what vouches for it. */
export interface EventFile {
  readonly path: string;
  /** Path of the manifest. */
  readonly manifest: string;
}

/** By what files are checked. */
export interface Evidence {
  readonly keys: SignatureCheck;
  /** In order of sequence; those of events that are not in the files are left alone. */
  readonly checkpoints: readonly ChainEnd[];
}

/** The first event that is not as it was given out. `manifest`: no signed manifest says so of the file. */
export type FileFault = Omit<ChainFault, 'reason'> & { readonly reason: ChainFault['reason'] | 'manifest' };

/** What a check of files came to. */
export interface FileVerification {
  readonly ok: boolean;
  /** Events that were read and found to be as they were given out. */
  readonly checked: number;
  /** Whether the files hold every event between their first and their last; not so with a filter, or of CSV. */
  readonly complete: boolean;
  readonly firstSequence: number | null;
  readonly lastSequence: number | null;
  readonly firstBadSequence: number | null;
  readonly reason: FileFault['reason'] | null;
  /** The file with the fault. */
  readonly file: string | null;
}

/** Checks files that were given out, without a database: archives of months, in order, or an export. */
export class FileVerifier {
  private end: ChainEnd | null = null;
  private checked = 0;
  private complete = true;
  private first: number | null = null;
  private last: number | null = null;

  constructor(private readonly evidence: Evidence) {}

  /**
   * Reads all of them, in bounded memory, up to the first fault. Each has to go on where the one before it ended.
   *
   * @throws whatever the file system throws
   */
  async verify(files: readonly EventFile[]): Promise<FileVerification> {
    for (const file of files) {
      const fault = await this.check(file);
      if (fault !== null) return this.report(fault, file.path);
    }
    return this.report(null, null);
  }

  private async check({ path, manifest: manifestPath }: EventFile): Promise<FileFault | null> {
    const manifest = await this.signedManifest(manifestPath);
    this.first ??= manifest?.firstSequence ?? null;
    const digest = createHash('sha256');
    const fault = await this.content(path, manifest, digest);
    if (fault !== null) return fault;
    if (manifest?.sha256 === digest.digest('hex')) return null;
    return { sequence: manifest?.firstSequence ?? this.first ?? 1, reason: 'manifest' };
  }

  private async content(path: string, manifest: Manifest | null, digest: Hash): Promise<FileFault | null> {
    const bytes = watched(createReadStream(path), digest);
    if (manifest?.format === 'csv') {
      this.complete = false;
      for await (const piece of bytes) void piece;
      return this.count(manifest);
    }
    const isWhole = manifest === null || holdsAll(manifest);
    if (!isWhole) this.complete = false;
    const check = isWhole ? this.chainOf(manifest) : loneEvents();
    for await (const line of linesOf(bytes)) {
      const event = readEvent(line);
      const fault = event === null ? check.unreadable() : check.take(event);
      if (fault !== null) return fault;
      this.checked += 1;
      this.last = event?.sequence ?? this.last;
      this.first ??= this.last;
    }
    return check.finish();
  }

  /** Of CSV the bytes alone can be compared: it lacks what the hashes are made from. */
  private count({ events, lastSequence }: Manifest): null {
    this.checked += events;
    this.last = lastSequence;
    return null;
  }

  /** What nobody signed proves nothing. */
  private async signedManifest(path: string): Promise<Manifest | null> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const manifest = readManifest(text);
    return manifest !== null && isManifestOurs(manifest, this.evidence.keys) ? manifest : null;
  }

  /** A file with every event between its first and its last: the chain is followed through it. */
  private chainOf(manifest: Manifest | null): EventCheck {
    let chain: ChainCheck | null = null;
    const begin = (event: StoredEvent | null): ChainCheck =>
      new ChainCheck(this.end ?? startOf(manifest, event), this.signedEnds(manifest));
    return {
      take: (event) => {
        chain ??= begin(event);
        const fault = chain.take(event);
        this.end = chain.end;
        return fault;
      },
      unreadable: () => ({ sequence: (chain ?? begin(null)).end.sequence + 1, reason: 'changed' }),
      finish: () => (chain ?? begin(null)).finish(),
    };
  }

  /** Everything that was signed of the events of a file. */
  private signedEnds(manifest: Manifest | null): ChainEnd[] {
    if (manifest?.lastSequence == null || manifest.headHash === null) return [];
    const { lastSequence: sequence, headHash: hash } = manifest;
    return [...this.evidence.checkpoints.filter((each) => each.sequence < sequence), { sequence, hash }];
  }

  private report(fault: FileFault | null, file: string | null): FileVerification {
    return {
      ok: fault === null,
      checked: this.checked,
      complete: this.complete,
      firstSequence: this.first,
      lastSequence: this.last,
      firstBadSequence: fault?.sequence ?? null,
      reason: fault?.reason ?? null,
      file,
    };
  }
}

/** Follows the events of one file. */
interface EventCheck {
  take(event: StoredEvent): FileFault | null;
  unreadable(): FileFault;
  finish(): FileFault | null;
}

/** An export with a filter: each event is checked by itself, and the digest of the file tells whether all are there. */
function loneEvents(): EventCheck {
  let last = 0;
  return {
    take: (event) => {
      const { sequence } = event;
      if (sequence <= last) return { sequence, reason: 'inserted' };
      last = sequence;
      return eventHash(event) === event.hash ? null : { sequence, reason: 'changed' };
    },
    unreadable: () => ({ sequence: last + 1, reason: 'changed' }),
    finish: () => null,
  };
}

/** What the first event of a file follows. */
function startOf(manifest: Manifest | null, event: StoredEvent | null): ChainEnd {
  const first = manifest?.firstSequence ?? event?.sequence ?? 1;
  if (first <= 1) return { sequence: 0, hash: genesisHash };
  return { sequence: first - 1, hash: event?.previous ?? genesisHash };
}

const holdsAll = ({ events, firstSequence, lastSequence }: Manifest): boolean =>
  firstSequence === null || lastSequence === null || lastSequence - firstSequence + 1 === events;

async function* watched(pieces: AsyncIterable<Buffer>, digest: Hash): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    digest.update(piece);
    yield piece;
  }
}
