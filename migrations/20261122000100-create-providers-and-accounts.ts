import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: providers, their accounts and sealed credentials, what the machine found out about each account, and its timeline.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the five tables and everything in them, sealed credentials included.
 */
export class CreateProvidersAndAccounts implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [providers, accounts, credentials, machineStates, events]) {
      await runner.query(statement);
    }
    for (const index of [oneActiveCredential, eventsOfAccount]) await runner.query(index);
    for (const watch of watches) await runner.query(watch);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['providers', 'accounts', 'account_credentials']) {
      await runner.query(`SELECT unwatch_table('${table}')`);
    }
    await runner.query(
      `DROP TABLE account_events, account_machine_states, account_credentials, accounts, providers`,
    );
  }
}

/** Machine states and events are not watched: they change all the time and no snapshot is made from them. */
const watches = [
  `SELECT watch_table('providers', 'providers')`,
  `SELECT watch_table('accounts', 'accounts', '{last_used_at}')`,
  `SELECT watch_table('account_credentials', 'accounts')`,
];

const providers = `
  CREATE TABLE providers (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT uq_providers_name UNIQUE,
    kind text NOT NULL,
    base_url text,
    strategy text,
    settings jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`;

const accounts = `
  CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL CONSTRAINT fk_accounts_provider REFERENCES providers (id),
    name text NOT NULL,
    weight double precision NOT NULL CONSTRAINT ck_accounts_weight CHECK (weight > 0),
    tier integer NOT NULL CONSTRAINT ck_accounts_tier CHECK (tier >= 1),
    human_state text NOT NULL CONSTRAINT ck_accounts_human_state
      CHECK (human_state IN ('enabled', 'paused', 'disabled', 'compromised')),
    human_until timestamptz,
    human_reason text,
    limits jsonb NOT NULL DEFAULT '{}',
    models jsonb NOT NULL DEFAULT '{"allow": [], "deny": []}',
    tags jsonb NOT NULL DEFAULT '{}',
    notes text NOT NULL DEFAULT '',
    last_used_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_accounts_provider_name UNIQUE (provider_id, name)
  )`;

const credentials = `
  CREATE TABLE account_credentials (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_account_credentials_account
      REFERENCES accounts (id) ON DELETE CASCADE,
    state text NOT NULL CONSTRAINT ck_account_credentials_state
      CHECK (state IN ('staged', 'active', 'retiring', 'revoked')),
    sealed bytea NOT NULL,
    preview text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`;

const oneActiveCredential = `
  CREATE UNIQUE INDEX uq_account_credentials_active ON account_credentials (account_id) WHERE state = 'active'`;

/** One row per account and model ('' is the account as a whole). The probe columns are the claim of the health monitor. */
const machineStates = `
  CREATE TABLE account_machine_states (
    account_id uuid NOT NULL CONSTRAINT fk_account_machine_states_account
      REFERENCES accounts (id) ON DELETE CASCADE,
    model text NOT NULL DEFAULT '',
    state text NOT NULL,
    rule text,
    until timestamptz,
    cool_downs integer NOT NULL DEFAULT 0,
    openings integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    probe_after timestamptz,
    probe_claimed_until timestamptz,
    probe_fence bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, model)
  )`;

const events = `
  CREATE TABLE account_events (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_account_events_account REFERENCES accounts (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    model text,
    from_state text,
    to_state text,
    rule text,
    cause text,
    call_id text,
    actor text
  )`;

/** Ids are UUID v7: their order is the order of time. */
const eventsOfAccount = `CREATE INDEX ix_account_events_account ON account_events (account_id, id)`;
