import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ChangeOf } from '../change-of.js';
import { IsInstant } from '../instant.js';

const limit = { type: Number, nullable: true, minimum: 1, description: 'null: learnt from the provider' };

/** Limits of an account. Unset ones are learnt from the provider's answers. */
export class AccountLimitsDto {
  @ApiPropertyOptional({ ...limit, example: 500 })
  @IsOptional()
  @IsInt()
  rpm?: number | null;

  @ApiPropertyOptional({ ...limit, example: 200_000 })
  @IsOptional()
  @IsInt()
  tpm?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  itpm?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  otpm?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  rpd?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  tpd?: number | null;

  @ApiPropertyOptional({ ...limit, example: 20 })
  @IsOptional()
  @IsInt()
  maxConcurrency?: number | null;
}

const usd = {
  type: String,
  nullable: true,
  description: 'Decimal US dollars of a UTC day or month; null: no bound',
};

/** What an account may spend at most. When it is spent, calls go to other accounts until the day or month ends. */
export class AccountBudgetDto {
  @ApiPropertyOptional({ ...usd, example: '25' })
  @IsOptional()
  @IsString()
  dailyUsd?: string | null;

  @ApiPropertyOptional({ ...usd, example: '500.50' })
  @IsOptional()
  @IsString()
  monthlyUsd?: string | null;
}

/** Which models an account or a key may use; `deny` wins, an empty `allow` means all, `*` at the end matches any rest. */
export class ModelRulesDto {
  @ApiPropertyOptional({ type: [String], example: ['gpt-4o*'] })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  allow?: string[];

  @ApiPropertyOptional({ type: [String] })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  deny?: string[];
}

/** A new account. */
export class CreateAccountDto {
  @ApiProperty({ example: 'openai', description: 'Name or id of a provider, or a known kind' })
  @IsString()
  provider: string;

  @ApiProperty({ example: 'openai-team-a' })
  @IsString()
  name: string;

  @ApiProperty({ writeOnly: true, example: 'sk-...', description: "The provider's key; never shown again" })
  @IsString()
  credential: string;

  @ApiPropertyOptional({ default: 1, example: 3, description: 'Share of the traffic within its tier' })
  @IsOptional()
  @IsNumber()
  weight?: number;

  @ApiPropertyOptional({ default: 1, description: '1 is tried first' })
  @IsOptional()
  @IsInt()
  tier?: number;

  @ApiPropertyOptional({ default: true })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({ type: AccountLimitsDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => AccountLimitsDto)
  limits?: AccountLimitsDto;

  @ApiPropertyOptional({ type: ModelRulesDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ModelRulesDto)
  models?: ModelRulesDto;

  @ApiPropertyOptional({ type: Object, example: { team: 'search' } })
  @IsOptional()
  @IsObject()
  tags?: Record<string, string>;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  notes?: string;

  @ApiPropertyOptional({ type: AccountBudgetDto, nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => AccountBudgetDto)
  budget?: AccountBudgetDto | null;

  @ApiPropertyOptional({
    default: 1,
    minimum: 0,
    maximum: 1000,
    example: 0.8,
    description:
      'What a call costs here relative to the list price; 0 is free. Budgets and usage count by it',
  })
  @IsOptional()
  @IsNumber()
  costFactor?: number;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'A quota group of the same provider; null: its limits are its own',
  })
  @IsOptional()
  @IsString()
  quotaGroupId?: string | null;

  @ApiPropertyOptional({
    default: false,
    description: 'Take the credential though another account of the provider has it, which else is 409',
  })
  @IsOptional()
  @IsBoolean()
  allowDuplicate?: boolean;
}

/** A change of an account; what is left out stays. A new `credential` takes the place of the old one at once. */
export class UpdateAccountDto extends ChangeOf(OmitType(CreateAccountDto, ['provider'])) {}

/** For how long an account is paused; without either, until it is enabled. */
export class PauseDto {
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  until?: Date;

  @ApiPropertyOptional({ minimum: 1, maximum: 315_360_000, example: 900, description: 'Up to ten years' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(315_360_000)
  forSeconds?: number;

  @ApiPropertyOptional({ example: 'invoice is being settled' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  reason?: string;
}

/** Why an account is taken out. */
export class ReasonDto {
  @ApiProperty({ example: 'key seen in a public repository' })
  @IsString()
  @Length(1, 500)
  reason: string;
}
