import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString } from 'class-validator';
import { strategyNames } from '#provider-account-pool';
import { PageDto } from '../paging.dto.js';

/** A new provider. */
export class CreateProviderDto {
  @ApiProperty({ example: 'openai-eu', description: 'Unique; what routes and accounts refer to' })
  @IsString()
  name: string;

  @ApiProperty({ example: 'openai', description: 'The kind of provider: which adapter speaks to it' })
  @IsString()
  kind: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'https://eu.api.openai.com/v1',
    description: "As the provider's own SDK wants it; null for the default of the kind",
  })
  @IsOptional()
  @IsString()
  baseUrl?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    enum: strategyNames,
    description: 'How an account is chosen; null for the default, entropy',
  })
  @IsOptional()
  @IsString()
  strategy?: string | null;

  @ApiPropertyOptional({ type: Object, description: 'Settings of the pool' })
  @IsOptional()
  @IsObject()
  settings?: Record<string, unknown>;
}

/** A change of a provider; name and kind stay for good. */
export class UpdateProviderDto extends PartialType(OmitType(CreateProviderDto, ['name', 'kind'])) {}

/** A provider. */
export class ProviderDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'openai-eu' })
  name: string;

  @ApiProperty({ example: 'openai' })
  kind: string;

  @ApiProperty({ type: String, nullable: true })
  baseUrl: string | null;

  @ApiProperty({ type: String, nullable: true })
  strategy: string | null;

  @ApiProperty({ type: Object })
  settings: Record<string, unknown>;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;
}

/** A page of providers. */
export class ProviderPageDto extends PageDto {
  @ApiProperty({ type: [ProviderDto] })
  data: ProviderDto[];
}
