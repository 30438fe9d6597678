import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';

/** A call to be explained. */
export class ExplainDto {
  @ApiProperty({
    example: 'openai/gpt-4o-mini',
    description: "A route's name, provider/model, or, with `provider`, its model",
  })
  @IsString()
  model: string;

  @ApiPropertyOptional({ example: 'openai' })
  @IsOptional()
  @IsString()
  provider?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The key that would call: may it use the model, and how long are its answers?',
  })
  @IsOptional()
  @IsUUID()
  apiKeyId?: string;

  @ApiPropertyOptional({ minimum: 1, default: 1, description: 'Prompt tokens' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  estimatedTokens?: number;
}

/** What a caller would get now. */
export class WouldAnswerDto {
  @ApiProperty({ enum: [200, 401, 403, 429, 503], description: '401 and 403: for the key that was named' })
  status: number;

  @ApiPropertyOptional({ description: 'With 429, when time alone helps' })
  retryAfterSeconds?: number;
}

/** One account in the light of a call. */
export class ExplainedAccountDto {
  @ApiProperty()
  accountId: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  tier: number;

  @ApiProperty()
  eligible: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'cooling' })
  reason: string | null;

  @ApiProperty({ type: Date, nullable: true })
  until: Date | null;

  @ApiProperty({ description: 'Predicted share of such calls, 0 to 1' })
  share: number;
}

/** One target of the model's route in the light of a call. */
export class ExplainedTargetDto {
  @ApiProperty({ example: 1, description: 'Of the route; 1 is tried first' })
  tier: number;

  @ApiProperty({ example: 'openai' })
  provider: string;

  @ApiProperty({ example: 'gpt-4o-mini' })
  model: string;

  @ApiProperty({ description: 'Share of such calls that this target would answer now, 0 to 1' })
  share: number;

  @ApiProperty({ type: [ExplainedAccountDto] })
  accounts: ExplainedAccountDto[];

  @ApiProperty({ type: WouldAnswerDto })
  wouldAnswer: WouldAnswerDto;
}

/** What would become of a call: at the target that would answer it, and at every target of its route. */
export class ExplanationDto {
  @ApiProperty({ example: 'openai' })
  provider: string;

  @ApiProperty({ type: [ExplainedAccountDto] })
  accounts: ExplainedAccountDto[];

  @ApiProperty({ type: WouldAnswerDto })
  wouldAnswer: WouldAnswerDto;

  @ApiProperty({ type: [ExplainedTargetDto] })
  targets: ExplainedTargetDto[];
}

/** Accounts of a pool by what they can do. */
export class PoolAccountsDto {
  @ApiProperty()
  total: number;

  @ApiProperty()
  eligible: number;

  @ApiProperty({ type: Object, example: { closed: 3, cooling: 1 } })
  byState: object;
}

/** A pool at a glance. */
export class PoolDto {
  @ApiProperty({ example: 'openai' })
  provider: string;

  @ApiProperty({ type: PoolAccountsDto })
  accounts: PoolAccountsDto;

  @ApiProperty({
    type: Object,
    example: { rpm: { limit: 1000, remaining: 812 }, tpm: { limit: null, remaining: null } },
  })
  capacity: object;

  @ApiProperty({ type: Date, nullable: true })
  nextReturnAt: Date | null;

  @ApiProperty({ type: WouldAnswerDto })
  wouldAnswer: WouldAnswerDto;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'Evenness of the last 1,000 picks relative to the weights, 0 to 1; null: no picks, or no choice',
  })
  entropyRatio: number | null;
}

/** All pools. */
export class PoolPageDto {
  @ApiProperty({ type: [PoolDto] })
  data: PoolDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
