import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { usageDimensions, type UsageDimension } from '#billing';
import { IsInstant } from '../instant.js';
import { PageDto, PageQuery } from '../paging.dto.js';

const commaSeparated = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value;

/** Which sums are wanted. */
export class UsageQuery {
  @ApiPropertyOptional({
    type: String,
    example: 'account,day',
    description: `One or more of ${usageDimensions.join(', ')}, divided by commas; none sums up everything`,
  })
  @Transform(commaSeparated)
  @IsIn(usageDimensions, { each: true })
  groupBy: UsageDimension[] = [];

  @ApiPropertyOptional({ type: Date, description: 'From this time on; default 30 days ago' })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: Date, description: 'Before this time; default now' })
  @IsOptional()
  @IsInstant()
  to?: Date;

  @ApiPropertyOptional({ enum: ['json', 'csv'], default: 'json' })
  @IsIn(['json', 'csv'])
  format: 'json' | 'csv' = 'json';
}

/** Which records are wanted. */
export class UsageRecordQuery extends PageQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(64)
  apiKeyId?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(64)
  accountId?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(200)
  provider?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(200)
  model?: string;

  @ApiPropertyOptional({ minimum: 100, maximum: 999 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(999)
  status?: number;

  @ApiPropertyOptional({ type: Date })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: Date })
  @IsOptional()
  @IsInstant()
  to?: Date;
}

/** Tokens as the provider counted them. */
export class TokensDto {
  @ApiProperty()
  input: number;

  @ApiProperty({ description: 'Part of input' })
  cachedInput: number;

  @ApiProperty()
  output: number;

  @ApiProperty({ description: 'Part of output' })
  reasoning: number;
}

/** Sums of one group; besides, one property per dimension asked for. */
export class UsageRowDto {
  @ApiProperty()
  requests: number;

  @ApiProperty({ description: 'Answered with a status of 400 or above' })
  failedRequests: number;

  @ApiProperty({ type: TokensDto })
  tokens: TokensDto;

  @ApiProperty({ example: '0.00125' })
  costUsd: string;

  @ApiProperty({ description: 'Requests whose cost is unknown and so not in costUsd' })
  unpricedRequests: number;
}

/** All sums that were asked for, on one page. */
export class UsageSummaryDto extends PageDto {
  @ApiProperty({ type: [UsageRowDto] })
  data: UsageRowDto[];
}

/** What one call used. */
export class UsageRecordDto {
  @ApiProperty()
  id: string;

  @ApiProperty()
  at: Date;

  @ApiProperty()
  requestId: string;

  @ApiProperty({ type: String, nullable: true })
  apiKeyId: string | null;

  @ApiProperty({ type: String, nullable: true })
  provider: string | null;

  @ApiProperty({ type: String, nullable: true })
  accountId: string | null;

  @ApiProperty()
  model: string;

  @ApiProperty({ type: String, nullable: true })
  upstreamModel: string | null;

  @ApiProperty({ example: 'chat_completions' })
  operation: string;

  @ApiProperty({ description: 'What the caller got; 499 when it went away' })
  status: number;

  @ApiProperty({ type: [Object], description: '{accountId, provider, status, class, latencyMs} per attempt' })
  attempts: object[];

  @ApiProperty({ type: TokensDto })
  tokens: TokensDto;

  @ApiProperty({ type: String, nullable: true, description: 'null: the model has no price' })
  costUsd: string | null;

  @ApiProperty()
  latencyMs: number;

  @ApiProperty({ type: Number, nullable: true })
  firstByteMs: number | null;

  @ApiProperty()
  stream: boolean;

  @ApiProperty({ type: Object })
  tags: object;
}

/** A page of records. */
export class UsageRecordPageDto extends PageDto {
  @ApiProperty({ type: [UsageRecordDto] })
  data: UsageRecordDto[];
}
