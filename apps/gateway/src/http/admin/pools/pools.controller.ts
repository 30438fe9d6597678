import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import type { Page } from '#kernel';
import { AccountScheduler, PoolForecaster, type PoolForecast, type PoolReport } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { ModelExplainer, type ModelExplanation } from './model-explainer.js';
import { ExplainDto, ExplanationDto, PoolDto, PoolPageDto } from './pool.dto.js';
import { ForecastDto, WhatIfDto } from './what-if.dto.js';

/** Pools: all accounts of one provider, as the scheduler sees them now. */
@AdminController('pools')
export class PoolsController {
  constructor(
    private readonly scheduler: AccountScheduler,
    private readonly forecaster: PoolForecaster,
    private readonly explainer: ModelExplainer,
  ) {}

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: PoolPageDto })
  list(): Page<PoolReport> {
    const data = this.scheduler.poolNames().map((name) => this.scheduler.poolReport(name));
    return { data, nextCursor: null };
  }

  @Get(':provider')
  @Access('admin:read')
  @ApiOkResponse({ type: PoolDto })
  get(@Param('provider') provider: string): PoolReport {
    return this.scheduler.poolReport(provider);
  }

  /** Says of every account whether it would serve such a call, by the same rules as the pick; changes nothing. */
  @Post('explain')
  @HttpCode(200)
  @Access('admin:read')
  @ApiOkResponse({ type: ExplanationDto })
  explain(@Body() request: ExplainDto): Promise<ModelExplanation> {
    return this.explainer.explain(request);
  }

  /** Foretells shares and capacity with some accounts changed or lost; changes nothing. */
  @Post('what-if')
  @HttpCode(200)
  @Access('admin:read')
  @ApiOkResponse({ type: ForecastDto })
  whatIf(@Body() request: WhatIfDto): PoolForecast {
    return this.forecaster.forecast(request);
  }
}
