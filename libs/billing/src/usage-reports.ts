import { Injectable } from '@nestjs/common';
import {
  DomainError,
  formatUsd,
  pageOf,
  readCursor,
  type NanoUsd,
  type Page,
  type PageRequest,
} from '#kernel';
import type { UsageRecordEntity } from './persistence/usage-record.entity.js';
import { UsageQueries, type SummaryRow, type UsagePosition } from './persistence/usage-queries.js';
import type { UsageFilter, UsageRecordView, UsageSummaryRequest, UsageSummaryRow } from './usage-report.js';

/** What an account cost from two instants on. */
export interface AccountCost {
  readonly accountId: string;
  readonly sinceFirst: NanoUsd;
  readonly sinceSecond: NanoUsd;
}

/** Bounds the memory of one report. */
const mostRows = 10_000;

/** What was used, from the ledger. Calls appear within a second of their end while Postgres is up. */
@Injectable()
export class UsageReports {
  constructor(private readonly queries: UsageQueries) {}

  /** Single records, newest first. A cursor that was never one of ours gives the first page. */
  async records(filter: UsageFilter, { limit, cursor }: PageRequest): Promise<Page<UsageRecordView>> {
    const rows = await this.queries.page(filter, readPosition(cursor), limit + 1);
    const { data, nextCursor } = pageOf(rows, limit, ({ at, id }) => `${at.getTime()} ${id}`);
    return { data: data.map(viewOf), nextCursor };
  }

  /**
   * Sums per group, in order of the dimensions.
   *
   * @throws DomainError `invalid_request` when there are more than 10,000 groups
   */
  async summary(request: UsageSummaryRequest): Promise<UsageSummaryRow[]> {
    const rows = await this.queries.sums(request, mostRows + 1);
    if (rows.length > mostRows) {
      const message = `The report has more than ${mostRows} rows. Shorten the time span or group by less.`;
      throw new DomainError('invalid_request', message, { field: 'groupBy' });
    }
    return rows.map((row) => summaryOf(row, request));
  }

  /**
   * What each of some accounts cost, of those that were called at all.
   *
   * @param firstMs from this instant on, ms since the epoch
   * @param secondMs and from this on, not before `firstMs`
   */
  async costByAccount(
    accountIds: readonly string[],
    firstMs: number,
    secondMs: number,
  ): Promise<AccountCost[]> {
    const rows = await this.queries.costByAccount(accountIds, new Date(firstMs), new Date(secondMs));
    return rows.map(({ accountId, sinceFirst, sinceSecond }) => ({
      accountId,
      sinceFirst: BigInt(sinceFirst),
      sinceSecond: BigInt(sinceSecond),
    }));
  }

  /**
   * What each of some system keys cost in a span of time, of those that called at all.
   *
   * @param fromMs ms since the epoch
   * @param toMs ms since the epoch, exclusive
   */
  async costByApiKey(
    apiKeyIds: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<string, NanoUsd>> {
    const rows = await this.queries.costByApiKey(apiKeyIds, new Date(fromMs), new Date(toMs));
    return new Map(rows.map(({ apiKeyId, cost }) => [apiKeyId, BigInt(cost)]));
  }
}

const positionForm = /^(\d{1,15}) ([\da-f-]{36})$/;

function readPosition(cursor: string | null): UsagePosition | null {
  const [, atMs, id] = positionForm.exec(readCursor(cursor) ?? '') ?? [];
  return id === undefined ? null : { at: new Date(Number(atMs)), id };
}

function viewOf(row: UsageRecordEntity): UsageRecordView {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens, costNanoUsd, at, ...same } = row;
  return {
    ...same,
    requestId: row.id,
    at: at.toISOString(),
    tokens: {
      input: Number(inputTokens),
      cachedInput: Number(cachedInputTokens),
      output: Number(outputTokens),
      reasoning: Number(reasoningTokens),
    },
    costUsd: costNanoUsd === null ? null : formatUsd(BigInt(costNanoUsd)),
  };
}

function summaryOf(row: SummaryRow, { groupBy }: UsageSummaryRequest): UsageSummaryRow {
  return {
    ...Object.fromEntries(groupBy.map((dimension) => [dimension, row[dimension] ?? null])),
    requests: Number(row.requests),
    failedRequests: Number(row.failedRequests),
    tokens: {
      input: Number(row.input),
      cachedInput: Number(row.cachedInput),
      output: Number(row.output),
      reasoning: Number(row.reasoning),
    },
    costUsd: formatUsd(BigInt(row.costNanoUsd)),
    unpricedRequests: Number(row.unpricedRequests),
  };
}
