import { Get, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse } from '@nestjs/swagger';
import { AuditTrail } from '#audit';
import { EncryptionKeys, type EncryptionReport, type RewrapProgress } from '#secrets';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { EncryptionDto, RewrapDto } from './encryption.dto.js';

/** The keys that stored secrets are sealed with; of the keys themselves, nothing but their ids. */
@AdminController('encryption')
export class EncryptionController {
  constructor(
    private readonly keys: EncryptionKeys,
    private readonly audit: AuditTrail,
  ) {}

  /** Which key seals how much, and how far moving it to the primary one has come. */
  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: EncryptionDto })
  get(): Promise<EncryptionReport> {
    return this.keys.report();
  }

  /** Starts moving every secret to the primary key, while everything serves on; answers with the job that does so already, if one runs. */
  @Post('rewrap')
  @HttpCode(202)
  @Access('admin:write')
  @ApiAcceptedResponse({ type: RewrapDto })
  rewrap(): Promise<RewrapProgress> {
    return this.keys.rewrap((transaction) =>
      this.audit.append(transaction, [{ action: 'encryption.rewrap_started', targets: [] }]),
    );
  }
}
