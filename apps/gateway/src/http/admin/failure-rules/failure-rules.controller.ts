import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import type { Page } from '#kernel';
import { FailureRulesService, type FailureRuleView } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { IfMatch } from '../if-match.js';
import { PageQuery } from '../paging.dto.js';
import {
  CreateFailureRuleDto,
  FailureRuleDto,
  FailureRulePageDto,
  UpdateFailureRuleDto,
} from './failure-rule.dto.js';
import { DryRunDto, dryRunDto, recentFailureDto, RecentFailuresDto } from './recent-failure.dto.js';

/** What operators say about the failures of a provider, before the built-in rules are asked. */
@AdminController('providers/:providerId')
export class FailureRulesController {
  constructor(private readonly rules: FailureRulesService) {}

  @Post('failure-rules')
  @Access('admin:write')
  @ApiCreatedResponse({ type: FailureRuleDto })
  create(@Param('providerId') id: string, @Body() draft: CreateFailureRuleDto): Promise<FailureRuleView> {
    return this.rules.create(id, draft);
  }

  @Get('failure-rules')
  @Access('admin:read')
  @ApiOkResponse({ type: FailureRulePageDto })
  list(@Param('providerId') id: string, @Query() page: PageQuery): Page<FailureRuleView> {
    return this.rules.list(id, page);
  }

  /** What the rule would have changed about the recent failures this process saw, among the other rules or in place of the one of its name; changes nothing. */
  @Post('failure-rules/dry-run')
  @HttpCode(200)
  @Access('admin:read')
  @ApiOkResponse({ type: DryRunDto })
  dryRun(@Param('providerId') id: string, @Body() draft: CreateFailureRuleDto): DryRunDto {
    return dryRunDto(this.rules.dryRun(id, draft));
  }

  @Get('failure-rules/:ruleId')
  @Access('admin:read')
  @ApiOkResponse({ type: FailureRuleDto })
  get(@Param('providerId') id: string, @Param('ruleId') ruleId: string): FailureRuleView {
    return this.rules.get(id, ruleId);
  }

  @Patch('failure-rules/:ruleId')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: FailureRuleDto })
  update(
    @Param('providerId') id: string,
    @Param('ruleId') ruleId: string,
    @IfMatch() version: number,
    @Body() change: UpdateFailureRuleDto,
  ): Promise<FailureRuleView> {
    return this.rules.update(id, ruleId, version, change);
  }

  @Delete('failure-rules/:ruleId')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  remove(@Param('providerId') id: string, @Param('ruleId') ruleId: string): Promise<void> {
    return this.rules.remove(id, ruleId);
  }

  /** The last failures of the provider that this process saw, redacted, the newest first. */
  @Get('recent-failures')
  @Access('admin:read')
  @ApiOkResponse({ type: RecentFailuresDto })
  recentFailures(@Param('providerId') id: string): RecentFailuresDto {
    return { data: this.rules.recentFailures(id).map(recentFailureDto) };
  }
}
