import { ApiProperty } from '@nestjs/swagger';
import type { DryRun, RecentFailure } from '#ai-provider';
import { failureClasses, type FailureClass, type FailureScope, type ProviderFailure } from '#kernel';
import { failureRuleScopes } from '#provider-account-pool';

/** What a failure was taken for. */
export class VerdictDto {
  @ApiProperty({ enum: failureClasses })
  class: FailureClass;

  @ApiProperty({ enum: failureRuleScopes })
  scope: FailureScope;

  @ApiProperty({ example: 'openai.insufficient_quota', description: 'The rule that decided' })
  rule: string;

  @ApiProperty({ type: Number, nullable: true, description: 'The wait asked for, ms' })
  retryAfterMs: number | null;
}

/** A failure of a provider as this process remembers it: without quotes, keys and long ids. */
export class RecentFailureDto extends VerdictDto {
  @ApiProperty()
  at: Date;

  @ApiProperty({ example: 429, description: '0 where there was no answer' })
  status: number;

  @ApiProperty({ type: [String], example: ['insufficient_quota'] })
  codes: readonly string[];

  @ApiProperty({ type: [String], example: ['insufficient_quota'] })
  types: readonly string[];

  @ApiProperty({ example: 'You exceeded your current quota.' })
  message: string;
}

/** The last failures of a provider in the process that answers, at most 200, the newest first. */
export class RecentFailuresDto {
  @ApiProperty({ type: [RecentFailureDto] })
  data: RecentFailureDto[];
}

/** A failure that the rule would have changed. */
export class ChangedFailureDto {
  @ApiProperty({ type: RecentFailureDto })
  failure: RecentFailureDto;

  @ApiProperty({ type: VerdictDto, description: 'By the rules in force' })
  before: VerdictDto;

  @ApiProperty({ type: VerdictDto, description: 'With the rule' })
  after: VerdictDto;
}

/** What a rule would have changed. */
export class DryRunDto {
  @ApiProperty({ description: 'How many recent failures were looked at' })
  examined: number;

  @ApiProperty({ type: [ChangedFailureDto] })
  changed: ChangedFailureDto[];
}

/** A remembered failure, as it is shown. */
export function recentFailureDto({
  atMs,
  status,
  codes,
  types,
  message,
  failure,
}: RecentFailure): RecentFailureDto {
  return { at: new Date(atMs), ...verdictDto(failure), status, codes, types, message };
}

/** What came of a dry run, as it is shown. */
export function dryRunDto({ examined, changed }: DryRun): DryRunDto {
  return {
    examined,
    changed: changed.map(({ seen, before, after }) => ({
      failure: recentFailureDto(seen),
      before: verdictDto(before),
      after: verdictDto(after),
    })),
  };
}

const verdictDto = ({ class: failure, scope, rule, retryAfterMs }: ProviderFailure): VerdictDto => ({
  class: failure,
  scope,
  rule,
  retryAfterMs,
});
