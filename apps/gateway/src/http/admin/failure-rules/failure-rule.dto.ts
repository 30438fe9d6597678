import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { operatorClasses } from '#ai-provider';
import type { FailureClass, FailureScope } from '#kernel';
import { failureRuleScopes } from '#provider-account-pool';
import { ChangeOf } from '../change-of.js';
import { PageDto } from '../paging.dto.js';

const patternOf = (what: string): string => `${what}; \`*\` stands for anything, capitals do not matter`;

/** What an answer must look like. All that is given must hold, at least one is needed. */
export class RuleMatchDto {
  @ApiPropertyOptional({ example: 422, minimum: 200, maximum: 599 })
  @IsOptional()
  @IsInt()
  @Min(200)
  @Max(599)
  status?: number;

  @ApiPropertyOptional({
    example: 'tenant_*_suspended',
    maxLength: 200,
    description: patternOf('One whole code, type, reason or quota id of the error'),
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  code?: string;

  @ApiPropertyOptional({ example: 'billing_error', maxLength: 200, description: patternOf('One whole type') })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  type?: string;

  @ApiPropertyOptional({
    example: 'plan * used up',
    maxLength: 200,
    description: `${patternOf('A part of the message')}. What the provider puts in quotes is not looked at`,
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  message?: string;
}

/** A new rule: what certain answers of the provider mean. */
export class CreateFailureRuleDto {
  @ApiProperty({
    example: 'tenant-suspended',
    pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
    description: 'Unique for the provider; failures name it as `operator.<name>`',
  })
  @IsString()
  name: string;

  @ApiProperty({ type: RuleMatchDto })
  @IsObject()
  @ValidateNested()
  @Type(() => RuleMatchDto)
  match: RuleMatchDto;

  @ApiProperty({
    enum: operatorClasses,
    example: 'quota_exhausted',
    description: "What it is. A caller's fault is answered as it is and benches no account",
  })
  @IsIn(operatorClasses)
  class: FailureClass;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    enum: failureRuleScopes,
    example: 'account',
    description: 'Whom it concerns; default: as usual for the class',
  })
  @IsOptional()
  @IsIn(failureRuleScopes)
  scope?: FailureScope | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    example: 600,
    minimum: 1,
    description:
      'How long to rest in place of what the provider says; up to 1800 for rate_limited, 2678400 for quota_exhausted, nothing for other classes',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  cooldownSeconds?: number | null;

  @ApiPropertyOptional({ default: true })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    default: 100,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Rules are tried from the lowest on, equal ones by age; the first that holds decides',
  })
  @IsOptional()
  @IsInt()
  order?: number;
}

/** A change of a rule; what is left out stays, `match` is replaced as a whole. */
export class UpdateFailureRuleDto extends ChangeOf(CreateFailureRuleDto) {}

/** A rule of an operator. */
export class FailureRuleDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'tenant-suspended' })
  name: string;

  @ApiProperty({ type: RuleMatchDto })
  match: RuleMatchDto;

  @ApiProperty({ enum: operatorClasses })
  class: FailureClass;

  @ApiProperty({ enum: failureRuleScopes })
  scope: FailureScope;

  @ApiProperty({ type: Number, nullable: true })
  cooldownSeconds: number | null;

  @ApiProperty()
  enabled: boolean;

  @ApiProperty()
  order: number;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;
}

/** A page of rules, in the order in which they were made. */
export class FailureRulePageDto extends PageDto {
  @ApiProperty({ type: [FailureRuleDto] })
  data: FailureRuleDto[];
}
