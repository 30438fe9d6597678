import { Body, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { RouteTable } from '#ai-routing';
import { priceOf } from '#billing';
import { DomainError, type Page } from '#kernel';
import { AccountScheduler, type PoolExplanation, type PoolReport } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { ExplainDto, ExplanationDto, PoolDto, PoolPageDto } from './pool.dto.js';

/** Pools: all accounts of one provider, as the scheduler sees them now. */
@AdminController('pools')
export class PoolsController {
  constructor(
    private readonly scheduler: AccountScheduler,
    private readonly routes: RouteTable,
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
  explain(@Body() { model, provider, estimatedTokens }: ExplainDto): PoolExplanation {
    const target = this.targetOf(model, provider);
    const price = priceOf(target.provider, target.model);
    return this.scheduler.explain({ ...target, estimatedTokens, price });
  }

  /** Without a provider: the first target of the model's route. */
  private targetOf(model: string, provider: string | undefined): { provider: string; model: string } {
    if (provider !== undefined) return { provider, model };
    const target = this.routes.plan(model)?.[0]?.[0];
    if (target !== undefined) return target;
    throw new DomainError('model_not_found', `The model '${model}' does not exist.`, { field: 'model' });
  }
}
