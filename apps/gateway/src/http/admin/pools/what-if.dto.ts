import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import type { AccountId } from '#kernel';
import { AccountLimitsDto } from '../accounts/account.dto.js';

/** A change of one account; what is not given stays. */
export class AccountChangeDto {
  @ApiProperty({ type: String })
  @IsString()
  accountId: AccountId;

  @ApiPropertyOptional({ exclusiveMinimum: true, minimum: 0 })
  @IsOptional()
  @IsNumber()
  weight?: number;

  @ApiPropertyOptional({ minimum: 1 })
  @IsOptional()
  @IsInt()
  @Min(1)
  tier?: number;

  @ApiPropertyOptional({ type: AccountLimitsDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => AccountLimitsDto)
  limits?: AccountLimitsDto;

  @ApiPropertyOptional({ description: 'false: the account is lost' })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

/** Changes to be tried out on a copy. */
export class WhatIfDto {
  @ApiProperty({ example: 'openai' })
  @IsString()
  provider: string;

  @ApiPropertyOptional({
    description: "The model's name at the provider. Default: one that no rule excludes",
  })
  @IsOptional()
  @IsString()
  model?: string;

  @ApiProperty({ type: [AccountChangeDto], maxItems: 10_000 })
  @IsArray()
  @ArrayMaxSize(10_000)
  @ValidateNested({ each: true })
  @Type(() => AccountChangeDto)
  changes: AccountChangeDto[];
}

/** A figure as it is and as it would be. */
export class BeforeAndAfterDto {
  @ApiProperty({ type: Number, nullable: true, description: 'null: no limit is known' })
  before: number | null;

  @ApiProperty({ type: Number, nullable: true })
  after: number | null;
}

/** What the accounts in service may do together. */
export class ForecastCapacityDto {
  @ApiProperty({ type: BeforeAndAfterDto, description: 'Requests per minute' })
  rpm: BeforeAndAfterDto;

  @ApiProperty({ type: BeforeAndAfterDto, description: 'Tokens per minute' })
  tpm: BeforeAndAfterDto;

  @ApiProperty({ type: BeforeAndAfterDto, description: 'Calls at once' })
  concurrency: BeforeAndAfterDto;
}

/** What an account would get. */
export class ForecastAccountDto {
  @ApiProperty()
  accountId: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ description: 'Predicted share of calls, 0 to 1' })
  shareBefore: number;

  @ApiProperty()
  shareAfter: number;
}

/** What a pool would come to. */
export class ForecastDto {
  @ApiProperty({ example: 'openai' })
  provider: string;

  @ApiProperty({ type: [ForecastAccountDto] })
  accounts: ForecastAccountDto[];

  @ApiProperty({ type: ForecastCapacityDto })
  capacity: ForecastCapacityDto;
}
