import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { scopes } from '#api-keys';
import { ChangeOf } from '../change-of.js';
import { IsInstant } from '../instant.js';
import { ModelRulesDto } from '../accounts/account.dto.js';
import { PageDto } from '../paging.dto.js';

const addresses = {
  type: [String] as [typeof String],
  example: ['203.0.113.0/24', '2001:db8::/32'],
  description: 'Addresses and CIDRs from which the key may be used; none: from everywhere',
};

/** Which tags the calls of a key carry in `x-pool-tags`. */
export class TagRulesDto {
  @ApiPropertyOptional({ type: [String], example: ['team'], description: 'Each call must set them' })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  required?: string[];

  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    description: 'Calls may set these and the required ones; null: any',
  })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  allowed?: string[] | null;
}

const limit = { type: Number, nullable: true, minimum: 1, maximum: 1_000_000_000 };

/** What calls of a key may use; above it they get 429 `rate_limit_exceeded` with the time to wait. */
export class KeyLimitsDto {
  @ApiPropertyOptional({ ...limit, example: 60, description: 'Requests a minute; null: no limit' })
  @IsOptional()
  @IsNumber()
  rpm?: number | null;

  @ApiPropertyOptional({
    ...limit,
    example: 100_000,
    description: 'Tokens a minute, prompts and answers together',
  })
  @IsOptional()
  @IsNumber()
  tpm?: number | null;

  @ApiPropertyOptional({ ...limit, example: 10, description: 'Calls at once' })
  @IsOptional()
  @IsNumber()
  maxConcurrency?: number | null;
}

const usd = { type: String, nullable: true, description: 'Decimal US dollars; null: no bound' };

/** What a key may spend in a UTC day and month; above it calls get 429 `budget_exceeded` until that has ended. */
export class KeyBudgetDto {
  @ApiPropertyOptional({ ...usd, example: '5' })
  @IsOptional()
  @IsString()
  dailyUsd?: string | null;

  @ApiPropertyOptional({ ...usd, example: '100.50' })
  @IsOptional()
  @IsString()
  monthlyUsd?: string | null;
}

/** From where a key may be used. */
export class IpAllowlistDto {
  @ApiProperty(addresses)
  @IsArray()
  @IsString({ each: true })
  entries: string[];

  @ApiProperty({
    enum: ['enforce', 'report'],
    description: 'report: calls from elsewhere are counted and logged, and refused only from reportUntil on',
  })
  @IsIn(['enforce', 'report'])
  mode: 'enforce' | 'report';

  @ApiPropertyOptional({ type: Date, description: 'Up to 90 days from now; 7 days when left out' })
  @IsOptional()
  @IsInstant()
  reportUntil?: Date;

  @ApiPropertyOptional({ default: false, description: 'Whether the key that asks may lock itself out' })
  @IsOptional()
  @IsBoolean()
  force?: boolean;
}

/** A key to be found. */
export class SearchApiKeyDto {
  @ApiProperty({
    writeOnly: true,
    example: 'pap_live_...',
    description: 'The whole secret, as callers present it',
  })
  @IsString()
  key: string;
}

/** A new system key. */
export class CreateApiKeyDto {
  @ApiProperty({ example: 'search-backend' })
  @IsString()
  name: string;

  @ApiProperty({ enum: scopes, isArray: true, example: ['call'] })
  @IsArray()
  @IsString({ each: true })
  scopes: string[];

  @ApiPropertyOptional({
    default: 1,
    maximum: 1000,
    minimum: 0,
    exclusiveMinimum: true,
    description: 'Share while more calls wait than accounts can take, relative to other keys',
  })
  @IsOptional()
  @IsNumber()
  weight?: number;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'team-search' })
  @IsOptional()
  @IsString()
  owner?: string | null;

  @ApiPropertyOptional({ type: Date, nullable: true })
  @IsOptional()
  @IsInstant()
  expiresAt?: Date | null;

  @ApiPropertyOptional({ type: ModelRulesDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ModelRulesDto)
  models?: ModelRulesDto;

  @ApiPropertyOptional({ type: Object })
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;

  @ApiPropertyOptional({ type: KeyLimitsDto, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => KeyLimitsDto)
  limits?: KeyLimitsDto | null;

  @ApiPropertyOptional({ type: KeyBudgetDto, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => KeyBudgetDto)
  budget?: KeyBudgetDto | null;

  @ApiPropertyOptional({ type: ModelRulesDto, description: 'Names of providers' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ModelRulesDto)
  providers?: ModelRulesDto;

  @ApiPropertyOptional({ type: TagRulesDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => TagRulesDto)
  tags?: TagRulesDto;

  @ApiPropertyOptional({ ...addresses, nullable: true })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  ipAllowlist?: string[] | null;
}

/** A change of a key; what is left out stays. */
export class UpdateApiKeyDto extends ChangeOf(CreateApiKeyDto) {}

/** A system key; never the key itself. */
export class ApiKeyDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'search-backend' })
  name: string;

  @ApiProperty({ type: String, nullable: true })
  owner: string | null;

  @ApiProperty({ enum: scopes, isArray: true })
  scopes: string[];

  @ApiProperty({ example: 1, description: 'Share while many wait, relative to other keys' })
  weight: number;

  @ApiProperty({ type: ModelRulesDto })
  models: ModelRulesDto;

  @ApiProperty({ type: ModelRulesDto })
  providers: ModelRulesDto;

  @ApiProperty({ type: TagRulesDto })
  tags: TagRulesDto;

  @ApiProperty(addresses)
  ipAllowlist: string[];

  @ApiProperty({ enum: ['enforce', 'report'] })
  ipAllowlistMode: string;

  @ApiProperty({ type: Date, nullable: true, description: 'When report turns into enforce' })
  ipReportUntil: Date | null;

  @ApiProperty({ enum: ['active', 'disabled', 'revoked', 'expired'] })
  state: string;

  @ApiProperty({ type: Date, nullable: true })
  expiresAt: Date | null;

  @ApiProperty({ type: Date, nullable: true })
  disabledAt: Date | null;

  @ApiProperty({ type: Date, nullable: true })
  revokedAt: Date | null;

  @ApiProperty({ type: KeyLimitsDto })
  limits: KeyLimitsDto;

  @ApiProperty({ type: KeyBudgetDto })
  budget: KeyBudgetDto;

  @ApiProperty({ type: Object })
  metadata: object;

  @ApiProperty({ example: 'pap_live_0Aa1Bb2Cc3D_…' })
  preview: string;

  @ApiProperty({ type: Date, nullable: true, description: 'Late by up to a minute' })
  lastUsedAt: Date | null;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;
}

/** A key just made, with its secret. */
export class CreatedApiKeyDto extends ApiKeyDto {
  @ApiProperty({ description: 'The key to present. Shown this once only' })
  secret: string;
}

/** A page of keys. */
export class ApiKeyPageDto extends PageDto {
  @ApiProperty({ type: [ApiKeyDto] })
  data: ApiKeyDto[];
}
