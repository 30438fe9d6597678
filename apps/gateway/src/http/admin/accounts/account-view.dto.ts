import { ApiProperty } from '@nestjs/swagger';
import { PageDto } from '../paging.dto.js';
import { AccountBudgetDto, AccountLimitsDto, ModelRulesDto } from './account.dto.js';

/** Who holds an account back, why, and until when. */
export class AccountStateDto {
  @ApiProperty({ enum: ['enabled', 'paused', 'disabled', 'compromised'] })
  human: string;

  @ApiProperty({ enum: ['closed', 'cooling', 'open', 'half_open', 'out_of_quota', 'auth_failed'] })
  machine: string;

  @ApiProperty({ type: String, nullable: true, description: 'What a person said, or the id of the rule' })
  reason: string | null;

  @ApiProperty({ type: Date, nullable: true })
  until: Date | null;
}

/** What a provider said of a limit that no account is chosen by. */
export class AllowanceDto {
  @ApiProperty({ example: 'unified_5h' })
  name: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'In its own measure: 100 of percent, 1 of a share',
  })
  limit: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Negative where more was taken' })
  remaining: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'allowed_warning' })
  status: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Which of its windows decides' })
  claim: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'What the answered call took' })
  cost: number | null;

  @ApiProperty({ type: Date, nullable: true })
  resetAt: Date | null;

  @ApiProperty({ description: 'When this process heard it' })
  at: Date;
}

/** An account; never its credential. */
export class AccountDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'openai' })
  provider: string;

  @ApiProperty({ enum: ['database', 'environment'], description: '`environment`: read-only here' })
  source: string;

  @ApiProperty({ example: 'openai-team-a' })
  name: string;

  @ApiProperty()
  weight: number;

  @ApiProperty()
  tier: number;

  @ApiProperty()
  enabled: boolean;

  @ApiProperty({ type: AccountStateDto })
  state: AccountStateDto;

  @ApiProperty({ type: AccountLimitsDto })
  limits: AccountLimitsDto;

  @ApiProperty({ type: [AllowanceDto], description: 'Told by the provider, in no use for choosing accounts' })
  allowances: AllowanceDto[];

  @ApiProperty({ type: AccountBudgetDto })
  budget: AccountBudgetDto;

  @ApiProperty({ example: 1, description: 'What a call costs here relative to the list price' })
  costFactor: number;

  @ApiProperty({ type: String, nullable: true, description: 'null: its limits are its own' })
  quotaGroupId: string | null;

  @ApiProperty({ type: ModelRulesDto })
  models: ModelRulesDto;

  @ApiProperty({ type: Object })
  tags: Record<string, string>;

  @ApiProperty()
  notes: string;

  @ApiProperty({ type: String, nullable: true, example: '…a1B2' })
  credentialPreview: string | null;

  @ApiProperty({ type: Date, nullable: true })
  lastUsedAt: Date | null;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;
}

/** A page of accounts. */
export class AccountPageDto extends PageDto {
  @ApiProperty({ type: [AccountDto] })
  data: AccountDto[];
}

/** What a test of an account's key came to. */
export class AccountTestDto {
  @ApiProperty()
  ok: boolean;

  @ApiProperty()
  latencyMs: number;

  @ApiProperty({ required: false, description: 'The failure class' })
  class?: string;

  @ApiProperty({ required: false })
  message?: string;
}
