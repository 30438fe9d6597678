import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { auditActions, type AuditActor, type AuditOutcome, type ExportFormat } from '#audit';
import { IsInstant } from '../instant.js';
import { PageDto, PageQuery } from '../paging.dto.js';

const outcomes: readonly AuditOutcome[] = ['succeeded', 'failed', 'refused'];

/** Which events are wanted. */
export class AuditFilterQuery {
  @ApiPropertyOptional({ description: 'Id of a system key, `root`, `system` or `unknown`' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  actor?: string;

  @ApiPropertyOptional({
    example: 'account',
    description: 'A code, or what stands before the dot of several',
  })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  action?: string;

  @ApiPropertyOptional({ example: 'account:019a9d5e-6d0c-7b0e-9b1c-2f4f6c1f0a11' })
  @IsOptional()
  @Matches(/^[a-z_]+:[\x21-\x7e]{1,128}$/, { message: 'target must be <kind>:<id>' })
  target?: string;

  @ApiPropertyOptional({ enum: outcomes })
  @IsOptional()
  @IsIn(outcomes)
  outcome?: AuditOutcome;

  @ApiPropertyOptional({ type: Date, description: 'At this time or later' })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: Date, description: 'Before this time' })
  @IsOptional()
  @IsInstant()
  to?: Date;
}

/** Which page of events is wanted. */
export class AuditQuery extends IntersectionType(PageQuery, AuditFilterQuery) {}

/** Which file of events is wanted. */
export class AuditExportQuery extends AuditFilterQuery {
  @ApiPropertyOptional({ enum: ['jsonl', 'csv'], default: 'jsonl' })
  @IsIn(['jsonl', 'csv'])
  format: ExportFormat = 'jsonl';
}

/** Who did it. */
export class AuditActorDto implements AuditActor {
  @ApiProperty({ enum: ['api_key', 'root', 'system', 'unknown'] })
  kind: AuditActor['kind'];

  @ApiProperty({ type: String, nullable: true, description: 'Of the system key' })
  id: string | null;
}

const fields = { type: 'object', additionalProperties: true, nullable: true } as const;

/** One event. */
export class AuditEventDto {
  @ApiProperty({ example: 4711, description: '1, 2, 3 ... without gaps' })
  sequence: number;

  @ApiProperty()
  at: Date;

  @ApiProperty()
  actor: AuditActorDto;

  @ApiProperty({ enum: Object.keys(auditActions), example: 'account.disabled' })
  action: string;

  @ApiProperty({ enum: outcomes })
  outcome: AuditOutcome;

  @ApiProperty({ type: [String], example: ['account:019a9d5e-6d0c-7b0e-9b1c-2f4f6c1f0a11'] })
  targets: string[];

  @ApiProperty({ type: String, nullable: true })
  ip: string | null;

  @ApiProperty({ type: String, nullable: true, description: '`x-request-id` of the request' })
  requestId: string | null;

  @ApiProperty({ type: String, nullable: true, description: '`x-correlation-id` that the client sent' })
  correlationId: string | null;

  @ApiProperty({ ...fields, description: 'What changed, as it was; secrets, notes and metadata never' })
  before: Record<string, unknown> | null;

  @ApiProperty({ ...fields, description: 'What changed, as it is' })
  after: Record<string, unknown> | null;

  @ApiProperty({ ...fields, description: 'What else there is to say: a reason, a count' })
  facts: Record<string, unknown> | null;

  @ApiProperty({ description: 'SHA-256 over the event and the hash before it, hex' })
  hash: string;
}

/** A page of events. */
export class AuditEventPageDto extends PageDto {
  @ApiProperty({ type: [AuditEventDto] })
  data: AuditEventDto[];
}

/** What the log was compared with outside the database. */
export class CheckpointsDto {
  @ApiProperty({ description: 'Signed checkpoints that were compared with the log' })
  used: number;

  @ApiProperty({
    description: 'Lines that are damaged or not signed by this installation: they prove nothing',
  })
  refused: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Up to here a cut or rewritten log is found' })
  lastSequence: number | null;
}

/** What a check of the whole log came to. */
export class VerificationDto {
  @ApiProperty()
  ok: boolean;

  @ApiProperty({ description: 'Events that are as they were written' })
  checked: number;

  @ApiProperty({ type: Number, nullable: true })
  firstBadSequence: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['missing', 'inserted', 'changed', 'rewritten', 'cut', 'seal'],
  })
  reason: string | null;

  @ApiProperty({ description: 'Hash of the last event that is as it was written' })
  headHash: string;

  @ApiProperty()
  checkpoints: CheckpointsDto;

  @ApiProperty({ description: 'Months that were archived and dropped' })
  seals: number;
}
