import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsDate, IsNumber, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { scopes } from '#api-keys';
import { ModelRulesDto } from '../accounts/account.dto.js';
import { PageDto } from '../paging.dto.js';

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
  @Type(() => Date)
  @IsDate()
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

  @ApiPropertyOptional({ type: Object, nullable: true, description: 'Not supported yet: refused when set' })
  @IsOptional()
  @IsObject()
  limits?: Record<string, unknown> | null;

  @ApiPropertyOptional({ type: Object, nullable: true, description: 'Not supported yet: refused when set' })
  @IsOptional()
  @IsObject()
  budget?: Record<string, unknown> | null;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Not supported yet: refused when set' })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  ipAllowlist?: string[] | null;
}

/** A change of a key; what is left out stays. */
export class UpdateApiKeyDto extends PartialType(CreateApiKeyDto) {}

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

  @ApiProperty({ enum: ['active', 'disabled', 'revoked', 'expired'] })
  state: string;

  @ApiProperty({ type: Date, nullable: true })
  expiresAt: Date | null;

  @ApiProperty({ type: Date, nullable: true })
  disabledAt: Date | null;

  @ApiProperty({ type: Date, nullable: true })
  revokedAt: Date | null;

  @ApiProperty({ type: Object, example: { rpm: null, tpm: null, maxConcurrency: null } })
  limits: object;

  @ApiProperty({ type: Object, example: { dailyUsd: null, monthlyUsd: null } })
  budget: object;

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
