import { Readable } from 'node:stream';
import { Get, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuditExporter, AuditLog, AuditVerifier, type AuditEvent, type Verification } from '#audit';
import { DomainError, type Page } from '#kernel';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { AuditEventPageDto, AuditExportQuery, AuditQuery, VerificationDto } from './audit.dto.js';

/** Each reads the whole log. */
const mostExportsAtOnce = 2;
const retryAfterSeconds = 30;

/** The audit log: who did what and when, whether anybody touched it since, and a copy of it. */
@AdminController('audit-events')
export class AuditController {
  private exporting = 0;

  constructor(
    private readonly log: AuditLog,
    private readonly verifier: AuditVerifier,
    private readonly exporter: AuditExporter,
  ) {}

  /** Newest first. */
  @Get()
  @Access('audit:read')
  @ApiOkResponse({ type: AuditEventPageDto })
  list(@Query() { limit, cursor, ...filter }: AuditQuery): Promise<Page<AuditEvent>> {
    return this.log.list({ limit, cursor }, filter);
  }

  /** Reads the whole log and the signed checkpoints of this process. A request while a check runs gets what that comes to. */
  @Get('verify')
  @Access('audit:read')
  @ApiOkResponse({ type: VerificationDto })
  verify(): Promise<Verification> {
    return this.verifier.verify();
  }

  /** A file, oldest first. Its signed manifest comes in the header `x-audit-manifest`, as JSON, and stands in the event that the export leaves. */
  @Get('export')
  @Access('audit:read')
  @ApiProduces('application/jsonl', 'text/csv')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @Query() { format, ...filter }: AuditExportQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    if (this.exporting >= mostExportsAtOnce) {
      throw new DomainError('rate_limit_exceeded', 'Other exports are under way.', { retryAfterSeconds });
    }
    this.exporting += 1;
    reply.raw.once('close', () => (this.exporting -= 1));
    const { contentType: type, manifest, content } = await this.exporter.export(format, filter);
    void reply.header('x-audit-manifest', JSON.stringify(manifest));
    const disposition = `attachment; filename="audit-events.${format}"`;
    return new StreamableFile(Readable.from(content), { type, disposition });
  }
}
