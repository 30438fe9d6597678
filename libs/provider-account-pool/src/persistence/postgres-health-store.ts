import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { asId, type AccountId } from '#kernel';
import type { MachineState, SavedState } from '#pool-core';
import { LessThan, Not, type DataSource, type EntityManager } from 'typeorm';
import { firstEventIdAt } from '../domain/event-id.js';
import type { TimelineEvent } from '../domain/timeline.js';
import { HealthStore, type HealthBatch, type ProbeClaim } from '../health/health-store.js';
import { AccountEventEntity } from './account-event.entity.js';
import { eventOf, eventRow } from './account-event-row.js';
import { AccountMachineStateEntity } from './account-machine-state.entity.js';

/** A process that died with a claim keeps others from probing for this long. */
const claimSeconds = 60;

/** Health in Postgres. The clock of the database decides about claims, so that skewed clocks of replicas do no harm. */
@Injectable()
export class PostgresHealthStore extends HealthStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  async load(): Promise<readonly SavedState[]> {
    const rows = await this.dataSource
      .getRepository(AccountMachineStateEntity)
      .findBy({ state: Not('closed') });
    return rows.map(savedStateOf);
  }

  async save(batch: HealthBatch): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (batch.accountIds.length > 0) await saveStates(manager, batch);
      if (batch.events.length > 0) await saveEvents(manager, batch.events);
      if (batch.lastUsedMs.size > 0) await saveLastUsed(manager, batch.lastUsedMs);
    });
  }

  async timeline(
    accountId: AccountId,
    limit: number,
    beforeId: string | null,
  ): Promise<readonly TimelineEvent[]> {
    const rows = await this.dataSource.getRepository(AccountEventEntity).find({
      where: beforeId === null ? { accountId } : { accountId, id: LessThan(beforeId) },
      order: { id: 'DESC' },
      take: limit,
    });
    return rows.map(eventOf);
  }

  async claimProbe(accountId: AccountId): Promise<ProbeClaim | null> {
    const rows: { fence: string }[] = await rowsOf(this.dataSource.manager, claim, [accountId, claimSeconds]);
    const [row] = rows;
    return row === undefined ? null : { accountId, fence: row.fence };
  }

  async finishProbe({ accountId, fence }: ProbeClaim, restMs: number): Promise<boolean> {
    return (await rowsOf(this.dataSource.manager, finish, [accountId, fence, restMs / 1000])).length === 1;
  }

  async prune(beforeMs: number): Promise<void> {
    const { manager } = this.dataSource;
    await manager.delete(AccountEventEntity, { id: LessThan(firstEventIdAt(beforeMs)) });
    await manager.delete(AccountMachineStateEntity, {
      state: 'closed',
      updatedAt: LessThan(new Date(beforeMs)),
    });
  }
}

const claim = `
  UPDATE account_machine_states
  SET probe_fence = probe_fence + 1, probe_claimed_until = now() + make_interval(secs => $2)
  WHERE (account_id, model) IN (
    SELECT account_id, model FROM account_machine_states
    WHERE account_id = $1 AND model = '' AND state <> 'closed'
      AND (probe_after IS NULL OR probe_after <= now())
      AND (probe_claimed_until IS NULL OR probe_claimed_until <= now())
    FOR UPDATE SKIP LOCKED
  )
  RETURNING probe_fence AS fence`;

const finish = `
  UPDATE account_machine_states
  SET probe_claimed_until = NULL, probe_after = now() + make_interval(secs => $3)
  WHERE account_id = $1 AND model = '' AND probe_fence = $2
  RETURNING account_id`;

/** Rows are locked in order of their key, so that processes that write at once cannot wait for each other in a ring. */
const closeTheRest = `
  UPDATE account_machine_states SET state = 'closed', rule = NULL, until = NULL, updated_at = $4
  WHERE (account_id, model) IN (
    SELECT account_id, model FROM account_machine_states
    WHERE account_id = ANY($1::uuid[]) AND state <> 'closed'
      AND (account_id, model) NOT IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
    ORDER BY account_id, model FOR UPDATE
  )`;

const upsertStates = `
  INSERT INTO account_machine_states (account_id, model, state, rule, until, cool_downs, openings, updated_at)
  SELECT new.account_id, new.model, new.state, new.rule, new.until, new.cool_downs, new.openings, $8
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[], $7::int[])
    AS new (account_id, model, state, rule, until, cool_downs, openings)
  JOIN accounts ON accounts.id = new.account_id
  ORDER BY new.account_id, new.model
  ON CONFLICT (account_id, model) DO UPDATE SET
    state = excluded.state, rule = excluded.rule, until = excluded.until,
    cool_downs = excluded.cool_downs, openings = excluded.openings, updated_at = excluded.updated_at`;

async function saveStates(manager: EntityManager, { accountIds, states, atMs }: HealthBatch): Promise<void> {
  const ids = states.map(({ accountId }) => accountId);
  const models = states.map(({ model }) => model ?? '');
  const at = new Date(atMs);
  await manager.query(closeTheRest, [accountIds, ids, models, at]);
  if (states.length === 0) return;
  await manager.query(upsertStates, [
    ids,
    models,
    states.map(({ state }) => state.kind),
    states.map(({ state }) => ('rule' in state ? state.rule : null)),
    states.map(({ state }) => ('untilMs' in state ? new Date(state.untilMs) : null)),
    states.map(({ coolDowns }) => coolDowns),
    states.map(({ openings }) => openings),
    at,
  ]);
}

async function saveEvents(manager: EntityManager, events: readonly TimelineEvent[]): Promise<void> {
  const ids = [...new Set(events.map(({ accountId }) => accountId as string))];
  const rows: { id: string }[] = await manager.query(
    'SELECT id FROM accounts WHERE id = ANY($1) ORDER BY id FOR KEY SHARE',
    [ids],
  );
  const present = new Set(rows.map(({ id }) => id));
  const kept = events.filter(({ accountId }) => present.has(accountId));
  if (kept.length > 0) await manager.insert(AccountEventEntity, kept.map(eventRow));
}

const updateLastUsed = `
  UPDATE accounts SET last_used_at = used.at
  FROM (
    SELECT accounts.id, new.at FROM unnest($1::uuid[], $2::timestamptz[]) AS new (id, at)
    JOIN accounts ON accounts.id = new.id ORDER BY accounts.id FOR NO KEY UPDATE OF accounts
  ) AS used
  WHERE accounts.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)`;

async function saveLastUsed(
  manager: EntityManager,
  lastUsedMs: ReadonlyMap<AccountId, number>,
): Promise<void> {
  const dates = [...lastUsedMs.values()].map((atMs) => new Date(atMs));
  await manager.query(updateLastUsed, [[...lastUsedMs.keys()], dates]);
}

/** TypeORM answers an UPDATE with its rows and their number. */
async function rowsOf<Row>(manager: EntityManager, sql: string, parameters: unknown[]): Promise<Row[]> {
  const [rows] = await manager.query<[Row[], number]>(sql, parameters);
  return rows;
}

function savedStateOf(row: AccountMachineStateEntity): SavedState {
  return {
    accountId: asId<'Account'>(row.accountId),
    model: row.model === '' ? null : row.model,
    state: stateOf(row),
    coolDowns: row.coolDowns,
    openings: row.openings,
  };
}

/** Words nobody knows any more hold nothing against an account. */
function stateOf({ state, rule, until }: AccountMachineStateEntity): MachineState {
  const cause = rule ?? 'restored';
  const untilMs = until?.getTime() ?? 0;
  switch (state) {
    case 'cooling':
    case 'open':
    case 'out_of_quota':
      return { kind: state, untilMs, rule: cause };
    case 'half_open':
    case 'auth_failed':
      return { kind: state, rule: cause };
    default:
      return { kind: 'closed' };
  }
}
