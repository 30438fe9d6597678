import { Injectable } from '@nestjs/common';
import type { AuditFilter } from '../audit-filter.js';
import { AuditTrail } from '../audit-trail.js';
import { SigningKeys } from '../checkpoints/signing-keys.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { AuditRows } from '../persistence/audit-rows.js';
import { ManifestMaker, type Manifest } from './manifest.js';
import { renderings, type ExportFormat } from './rendering.js';

/** A file on its way out. */
export interface AuditExport {
  readonly contentType: string;
  readonly manifest: Manifest;
  /** The text of the file, in pieces. Fails where it is not what the manifest says. */
  readonly content: AsyncIterable<string>;
}

/**
 * Gives events out as a file. They are read twice, first for the manifest: what a file holds is known, signed and itself an
 * event of the log before its first byte leaves.
 */
@Injectable()
export class AuditExporter {
  constructor(
    private readonly rows: AuditRows,
    private readonly trail: AuditTrail,
    private readonly keys: SigningKeys,
  ) {}

  async export(format: ExportFormat, filter: AuditFilter): Promise<AuditExport> {
    const head = await this.rows.head();
    const fixed = { ...filter, beforeSequence: (head?.sequence ?? 0) + 1 };
    const maker = new ManifestMaker(format);
    for await (const [events, text] of pieces(this.rows, format, fixed)) maker.take(events, text);
    const manifest = maker.finish(this.keys);
    await this.trail.record([
      { action: 'audit.exported', targets: [], facts: { manifest, filter: { ...filter } } },
    ]);
    const content = this.content(format, fixed, manifest);
    return { contentType: renderings[format].contentType, manifest, content };
  }

  private async *content(format: ExportFormat, filter: AuditFilter, said: Manifest): AsyncGenerator<string> {
    const maker = new ManifestMaker(format);
    for await (const [events, text] of pieces(this.rows, format, filter)) {
      maker.take(events, text);
      yield text;
    }
    const { sha256 } = maker.finish(this.keys);
    if (sha256 !== said.sha256) throw new Error('the audit log changed while it was read');
  }
}

/** The text of a file with the events that each piece holds. */
export async function* pieces(
  rows: AuditRows,
  format: ExportFormat,
  filter: AuditFilter,
): AsyncGenerator<readonly [readonly StoredEvent[], string]> {
  const { head, line } = renderings[format];
  if (head !== '') yield [[], head];
  for await (const events of rows.all(filter)) yield [events, events.map(line).join('')];
}
