import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.js';
import type { SignatureCheck } from './public-keys.js';
import type { SigningKeys } from './signing-keys.js';

/** Lines that a file may have; beyond, every second of its older half goes: later ones vouch for what it vouched for. */
const mostLines = 20_000;
const mode = 0o600;

/** What a file of checkpoints says. */
export interface ReadCheckpoints {
  /** In order of sequence, each sequence once. */
  readonly checkpoints: readonly Checkpoint[];
  /** Lines that are damaged or not signed by a key of ours: they prove nothing. */
  readonly refused: number;
}

/** The file `audit-checkpoints.jsonl`: one signed checkpoint a line, in a directory the database cannot write. */
export class CheckpointFile {
  private lines: number | null = null;

  constructor(
    private readonly path: string,
    private readonly keys: SigningKeys,
  ) {}

  /** Adds a checkpoint; when this resolves it is on the disk. */
  async append(checkpoint: Checkpoint): Promise<void> {
    const file = await open(this.path, 'a+', mode);
    try {
      // What a power cut left of a line is ended, so that the next one begins on its own.
      const start = (await endsInLine(file)) ? '' : '\n';
      await file.appendFile(`${start}${writeCheckpoint(checkpoint, this.keys)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    this.lines = (this.lines ?? (await linesOf(this.path)).length - 1) + 1;
    if (this.lines > mostLines) await this.thin();
  }

  /** Reads and checks all of it; a file that does not exist is empty. */
  read(): Promise<ReadCheckpoints> {
    return readCheckpoints(this.path, this.keys);
  }

  private async thin(): Promise<void> {
    const lines = await linesOf(this.path);
    const kept = lines.filter((_line, index) => index >= lines.length / 2 || index % 2 === 0);
    const draft = `${this.path}.tmp`;
    const file = await open(draft, 'w', mode);
    try {
      await file.writeFile(`${kept.join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
    this.lines = kept.length;
  }
}

/** Reads and checks a file of checkpoints, with public keys alone; one that does not exist is empty. */
export async function readCheckpoints(path: string, keys: SignatureCheck): Promise<ReadCheckpoints> {
  const bySequence = new Map<number, Checkpoint>();
  let refused = 0;
  for (const line of await linesOf(path)) {
    const checkpoint = readCheckpoint(line, keys);
    if (checkpoint === null) refused += 1;
    else if (!bySequence.has(checkpoint.sequence)) bySequence.set(checkpoint.sequence, checkpoint);
  }
  const checkpoints = [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
  return { checkpoints, refused };
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter((line) => line !== '');
}

async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}
