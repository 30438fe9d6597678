import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import type { UsageDimension, UsageFilter, UsageSummaryRequest } from '../usage-report.js';
import { UsageRecordEntity } from './usage-record.entity.js';

/** Sums as Postgres answers them: `bigint` and `numeric` come as text. */
export interface SummaryRow extends Partial<Record<UsageDimension, string | null>> {
  readonly requests: string;
  readonly failedRequests: string;
  readonly input: string;
  readonly cachedInput: string;
  readonly output: string;
  readonly reasoning: string;
  readonly costNanoUsd: string;
  readonly unpricedRequests: string;
}

/** Where a page starts: behind this record. */
export interface UsagePosition {
  readonly at: Date;
  readonly id: string;
}

/** One row per tag, and one with NULL for a call without any. TypeORM cannot say LATERAL. */
const eachTag = `unnest(coalesce(
  nullif(ARRAY(SELECT tag.key || '=' || tag.value FROM jsonb_each_text(usage.tags) AS tag), '{}'),
  ARRAY[NULL]
))`;

const dimensionSql: Readonly<Record<UsageDimension, string>> = {
  account: 'usage.account_id',
  apiKey: 'usage.api_key_id',
  model: 'usage.model',
  provider: 'usage.provider',
  tag: eachTag,
  day: `to_char(usage.at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
};

const sumSql: Readonly<Record<Exclude<keyof SummaryRow, UsageDimension>, string>> = {
  requests: 'count(*)',
  failedRequests: 'count(*) FILTER (WHERE usage.status >= 400)',
  input: 'coalesce(sum(usage.input_tokens), 0)',
  cachedInput: 'coalesce(sum(usage.cached_input_tokens), 0)',
  output: 'coalesce(sum(usage.output_tokens), 0)',
  reasoning: 'coalesce(sum(usage.reasoning_tokens), 0)',
  costNanoUsd: 'coalesce(sum(usage.cost_nano_usd), 0)',
  unpricedRequests: 'count(*) FILTER (WHERE usage.cost_nano_usd IS NULL)',
};

/** Reads the ledger. */
@Injectable()
export class UsageQueries {
  constructor(@InjectRepository(UsageRecordEntity) private readonly rows: Repository<UsageRecordEntity>) {}

  /** Newest first. */
  page(filter: UsageFilter, behind: UsagePosition | null, limit: number): Promise<UsageRecordEntity[]> {
    const query = this.filtered(filter);
    if (behind !== null)
      query.andWhere('(usage.at, usage.id) < (:behindAt, :behindId)', {
        behindAt: behind.at,
        behindId: behind.id,
      });
    return query.orderBy('usage.at', 'DESC').addOrderBy('usage.id', 'DESC').take(limit).getMany();
  }

  /** In order of the dimensions, `null` last. */
  async sums({ groupBy, filter, fromMs, toMs }: UsageSummaryRequest, limit: number): Promise<SummaryRow[]> {
    const query = this.filtered({ ...filter, fromMs, toMs })
      .select([])
      .limit(limit);
    for (const [name, sql] of Object.entries(sumSql)) query.addSelect(sql, name);
    for (const dimension of new Set(groupBy)) {
      const sql = dimensionSql[dimension];
      query.addSelect(sql, dimension).addGroupBy(sql).addOrderBy(sql, 'ASC', 'NULLS LAST');
    }
    return query.getRawMany<SummaryRow>();
  }

  /** What accounts cost from each of two instants on; `numeric` comes as text. */
  costByAccount(
    accountIds: readonly string[],
    first: Date,
    second: Date,
  ): Promise<Record<'accountId' | 'sinceFirst' | 'sinceSecond', string>[]> {
    return this.rows
      .createQueryBuilder('usage')
      .select('usage.account_id', 'accountId')
      .addSelect('coalesce(sum(usage.cost_nano_usd), 0)', 'sinceFirst')
      .addSelect('coalesce(sum(usage.cost_nano_usd) FILTER (WHERE usage.at >= :second), 0)', 'sinceSecond')
      .where('usage.account_id = ANY(:accountIds) AND usage.at >= :first', { accountIds, first, second })
      .groupBy('usage.account_id')
      .getRawMany();
  }

  /** What system keys cost in a span of time; `numeric` comes as text. */
  costByApiKey(
    apiKeyIds: readonly string[],
    from: Date,
    to: Date,
  ): Promise<Record<'apiKeyId' | 'cost', string>[]> {
    return this.rows
      .createQueryBuilder('usage')
      .select('usage.api_key_id', 'apiKeyId')
      .addSelect('coalesce(sum(usage.cost_nano_usd), 0)', 'cost')
      .where('usage.api_key_id = ANY(:apiKeyIds) AND usage.at >= :from AND usage.at < :to', {
        apiKeyIds,
        from,
        to,
      })
      .groupBy('usage.api_key_id')
      .getRawMany();
  }

  private filtered({ fromMs, toMs, ...exact }: UsageFilter): SelectQueryBuilder<UsageRecordEntity> {
    const query = this.rows.createQueryBuilder('usage');
    for (const [field, value] of Object.entries(exact)) {
      if (value !== undefined) query.andWhere(`usage.${field} = :${field}`, { [field]: value });
    }
    if (fromMs !== undefined) query.andWhere('usage.at >= :from', { from: new Date(fromMs) });
    if (toMs !== undefined) query.andWhere('usage.at < :to', { to: new Date(toMs) });
    return query;
  }
}
