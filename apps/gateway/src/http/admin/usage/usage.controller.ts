import { Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { UsageReports, type UsageRecordView, type UsageSummaryRow } from '#billing';
import { CLOCK, DomainError, type Clock, type Page } from '#kernel';
import { AccountsService } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { UsageQuery, UsageRecordPageDto, UsageRecordQuery, UsageSummaryDto } from './usage.dto.js';
import { usageCsv } from './usage-csv.js';

const defaultSpanMs = 30 * 86_400_000;

/** What was used: sums for cost attribution, and single calls. */
@AdminController('', 'usage')
export class UsageController {
  constructor(
    private readonly reports: UsageReports,
    private readonly accounts: AccountsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('usage')
  @Access('admin:read')
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({ type: UsageSummaryDto })
  async sums(
    @Query() query: UsageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<UsageSummaryRow> | string> {
    const rows = await this.summary(query);
    if (query.format === 'json') return { data: rows, nextCursor: null };
    void reply.header('content-type', 'text/csv; charset=utf-8');
    return usageCsv(query.groupBy, rows);
  }

  @Get('usage/records')
  @Access('admin:read')
  @ApiOkResponse({ type: UsageRecordPageDto })
  records(@Query() { limit, cursor, from, to, ...filter }: UsageRecordQuery): Promise<Page<UsageRecordView>> {
    return this.reports.records({ ...filter, ...span(from, to) }, { limit, cursor });
  }

  @Get('accounts/:id/usage')
  @Access('admin:read')
  @ApiOkResponse({ type: UsageSummaryDto })
  async ofAccount(@Param('id') id: string, @Query() query: UsageQuery): Promise<Page<UsageSummaryRow>> {
    const { id: accountId } = this.accounts.get(id);
    return { data: await this.summary(query, { accountId }), nextCursor: null };
  }

  private summary(
    { groupBy, from, to }: UsageQuery,
    filter: { accountId?: string } = {},
  ): Promise<UsageSummaryRow[]> {
    const toMs = to?.getTime() ?? this.clock.nowMs();
    const fromMs = from?.getTime() ?? toMs - defaultSpanMs;
    if (fromMs >= toMs)
      throw new DomainError('invalid_request', 'from must be before to.', { field: 'from' });
    return this.reports.summary({ groupBy, fromMs, toMs, filter });
  }
}

function span(from: Date | undefined, to: Date | undefined): { fromMs?: number; toMs?: number } {
  return { ...(from && { fromMs: from.getTime() }), ...(to && { toMs: to.getTime() }) };
}
