import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString } from 'class-validator';
import { poolSettings, strategyNames } from '#provider-account-pool';
import { ChangeOf } from '../change-of.js';
import { PageDto } from '../paging.dto.js';

/** Each setting with its meaning, range and default, as the pool itself checks them. */
const settings = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(poolSettings).map(([name, { means, least, most, usual }]) => [
      name,
      { type: 'number' as const, minimum: least, maximum: most, default: usual, description: means },
    ]),
  ),
} as const;

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

  @ApiPropertyOptional({ ...settings, description: 'Settings of the pool; a change replaces all of them' })
  @IsOptional()
  @IsObject()
  settings?: Record<string, unknown>;
}

/** A change of a provider; name and kind stay for good. */
export class UpdateProviderDto extends ChangeOf(OmitType(CreateProviderDto, ['name', 'kind'])) {}

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

  @ApiProperty(settings)
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
