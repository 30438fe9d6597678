import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { SigningKeys } from '../checkpoints/signing-keys.js';
import { ChainCheck, type ChainEnd } from '../domain/chain-check.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { pieces } from '../export/audit-exporter.js';
import { ManifestMaker, type Manifest } from '../export/manifest.js';
import type { AuditRows } from '../persistence/audit-rows.js';

const mode = 0o600;

/** A month written to a file. */
export interface Archive {
  /** Name of the file, in the directory of archives. */
  readonly file: string;
  readonly manifest: Manifest;
  /** The last event in it; `null` when the month had none. */
  readonly last: StoredEvent | null;
}

/** Which month is written, and where. */
export interface ArchiveRequest {
  /** Absolute; made when missing. */
  readonly directory: string;
  /** Of the file, without extension. */
  readonly name: string;
  /** The first instant of the month, UTC. */
  readonly month: Date;
  /** What its first event must follow. */
  readonly start: ChainEnd;
}

/**
 * Writes the events of a month and a manifest beside them; both are on the disk when this resolves.
 *
 * @throws Error naming the first event that is not as it was written
 */
export async function archiveMonth(
  { directory, name, month, start }: ArchiveRequest,
  rows: AuditRows,
  keys: SigningKeys,
): Promise<Archive> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = `${name}.jsonl`;
  const maker = new ManifestMaker('jsonl');
  const chain = new ChainCheck(start);
  let last: StoredEvent | null = null;
  await writeWhole(join(directory, file), async (handle) => {
    for await (const [events, text] of pieces(rows, 'jsonl', { from: month, to: monthAfter(month) })) {
      for (const event of events) refuseBroken(chain, event, file);
      maker.take(events, text);
      await handle.appendFile(text);
      last = events.at(-1) ?? last;
    }
  });
  const manifest = maker.finish(keys);
  await writeWhole(join(directory, `${file}.manifest.json`), (handle) =>
    handle.appendFile(`${JSON.stringify(manifest, null, 2)}\n`),
  );
  return { file, manifest, last };
}

const monthAfter = (month: Date): Date => new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1));

function refuseBroken(chain: ChainCheck, event: StoredEvent, file: string): void {
  const fault = chain.take(event);
  if (fault === null) return;
  throw new Error(`${file} is not written: the event ${fault.sequence} is not as it was (${fault.reason})`);
}

/** A file that is there is whole. */
async function writeWhole(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(`${path}.unfinished`, 'w', mode);
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.unfinished`, path);
}
