import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { ChangeOf } from '../change-of.js';
import { AccountLimitsDto } from '../accounts/account.dto.js';
import { PageDto, PageQuery } from '../paging.dto.js';

/** A new quota group. */
export class CreateQuotaGroupDto {
  @ApiProperty({ example: 'organisation-a', description: 'Unique in the pool' })
  @IsString()
  name: string;

  @ApiProperty({
    example: 'openai',
    description: 'Name or id of a provider, or a known kind; stays for good',
  })
  @IsString()
  provider: string;

  @ApiPropertyOptional({ type: AccountLimitsDto, description: 'What its accounts may use together' })
  @IsOptional()
  @ValidateNested()
  @Type(() => AccountLimitsDto)
  limits?: AccountLimitsDto;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  notes?: string;
}

/** A change of a quota group; what is left out stays. */
export class UpdateQuotaGroupDto extends ChangeOf(OmitType(CreateQuotaGroupDto, ['provider'])) {}

/** Which quota groups are wanted. */
export class QuotaGroupQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Name of a provider' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  provider?: string;
}

/** Accounts that share one limit at the provider, such as two keys of one organisation. */
export class QuotaGroupDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'organisation-a' })
  name: string;

  @ApiProperty({ example: 'openai' })
  provider: string;

  @ApiProperty({ type: AccountLimitsDto })
  limits: AccountLimitsDto;

  @ApiProperty()
  notes: string;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;
}

/** A page of quota groups. */
export class QuotaGroupPageDto extends PageDto {
  @ApiProperty({ type: [QuotaGroupDto] })
  data: QuotaGroupDto[];
}
