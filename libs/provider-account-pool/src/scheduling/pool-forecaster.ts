import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, DomainError, type AccountId, type Clock } from '#kernel';
import type { AccountChange, Capacity, Forecast } from '#pool-core';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { PoolStateStore } from './pool-state-store.js';

/** What to foretell. */
export interface ForecastRequest {
  /** Name of a pool. */
  readonly provider: string;
  /** The model's name at the provider. Default: one that no rule excludes. */
  readonly model?: string;
  readonly changes: readonly AccountChange[];
}

/** A figure as it is and as it would be; `null` where no limit is known. */
export interface BeforeAndAfter {
  readonly before: number | null;
  readonly after: number | null;
}

/** What a pool would come to. */
export interface PoolForecast {
  readonly provider: string;
  readonly accounts: readonly {
    readonly accountId: AccountId;
    readonly name: string;
    /** Predicted share of calls, in [0, 1]. */
    readonly shareBefore: number;
    readonly shareAfter: number;
  }[];
  /** Requests and tokens a minute, calls at once, of the accounts in service. */
  readonly capacity: Readonly<Record<keyof Capacity, BeforeAndAfter>>;
}

/** Foretells what changes of accounts would come to, without making them. */
@Injectable()
export class PoolForecaster {
  constructor(
    private readonly states: PoolStateStore,
    private readonly directory: PoolDirectory,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not_found` for the pool, `invalid_request` for a change of no account of it or out of range */
  forecast({ provider, model, changes }: ForecastRequest): PoolForecast {
    const pool = this.directory.pool(provider);
    if (pool === null) throw new DomainError('not_found', `There is no pool '${provider}'.`);
    const nameOf = new Map(pool.accounts.map(({ spec, name }) => [spec.id, name]));
    const unknown = changes.find(({ accountId }) => !nameOf.has(accountId));
    if (unknown !== undefined) {
      throw new DomainError('invalid_request', `The pool has no account '${unknown.accountId}'.`, {
        field: 'changes',
      });
    }
    const forecast = this.inRange(provider, changes, model ?? null);
    const { capacityBefore, capacityAfter } = forecast;
    const of = (name: keyof Capacity) => ({ before: capacityBefore[name], after: capacityAfter[name] });
    return {
      provider,
      accounts: forecast.accounts.map((account) => ({
        name: nameOf.get(account.accountId) ?? '',
        ...account,
      })),
      capacity: { rpm: of('rpm'), tpm: of('tpm'), concurrency: of('concurrency') },
    };
  }

  private inRange(provider: string, changes: readonly AccountChange[], model: string | null): Forecast {
    try {
      return this.states.whatIf(provider, changes, model, this.clock.nowMs());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new DomainError('invalid_request', `${error.message}.`, { field: 'changes' });
    }
  }
}
