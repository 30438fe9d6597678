import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: who did what and when, for auditors: append-only, one chain of hashes, in partitions of a month (UTC).
 * `make_append_only(table)` lets triggers refuse every UPDATE, DELETE and TRUNCATE of a table, its owner's too; the application's
 * role gets no right to them anyway. `audit_head()` waits for the chain to be free and tells what the next event follows.
 * `audit_ensure_partitions(months ahead)` makes partitions with the rights of the owner, since the application may not.
 * `audit_seals` says, signed, what stood in months that were archived and dropped.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the log and everything in it. Export it first.
 */
export class CreateAuditLog implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [refuseChange, makeAppendOnly, events, seals, head, ensurePartitions]) {
      await runner.query(statement);
    }
    for (const index of indexes) await runner.query(index);
    await runner.query(`SELECT make_append_only('audit_events'), make_append_only('audit_seals')`);
    await runner.query('SELECT audit_ensure_partitions(12)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION audit_ensure_partitions(integer)');
    await runner.query('DROP FUNCTION audit_head()');
    await runner.query('DROP TABLE audit_events, audit_seals');
    await runner.query('DROP FUNCTION make_append_only(regclass)');
    await runner.query('DROP FUNCTION refuse_change()');
  }
}

const refuseChange = `
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END $$`;

/** A trigger of statements, so that one that finds no row is refused too; ALWAYS, so that no session setting turns it off. */
const makeAppendOnly = `
  CREATE FUNCTION make_append_only(guarded regclass) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    EXECUTE format(
      'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
         FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_change', guarded);
  END $$`;

const events = `
  CREATE TABLE audit_events (
    sequence bigint NOT NULL,
    at timestamptz(3) NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    action text NOT NULL,
    outcome text NOT NULL,
    targets text[] NOT NULL,
    ip text,
    request_id text,
    correlation_id text,
    details text NOT NULL,
    fingerprints text[] NOT NULL,
    previous bytea NOT NULL CONSTRAINT ck_audit_events_previous CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL CONSTRAINT ck_audit_events_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT pk_audit_events PRIMARY KEY (sequence, at)
  ) PARTITION BY RANGE (at)`;

const indexes = [
  'CREATE INDEX ix_audit_events_actor ON audit_events (actor_id, sequence) WHERE actor_id IS NOT NULL',
  'CREATE INDEX ix_audit_events_action ON audit_events (action, sequence)',
  'CREATE INDEX ix_audit_events_targets ON audit_events USING gin (targets)',
  `CREATE INDEX ix_audit_events_fingerprints ON audit_events USING gin (fingerprints) WHERE fingerprints <> '{}'`,
];

const seals = `
  CREATE TABLE audit_seals (
    partition_name text PRIMARY KEY,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    last_at timestamptz(3) NOT NULL,
    previous_hash bytea NOT NULL,
    head_hash bytea NOT NULL,
    archive text NOT NULL,
    archive_sha256 text NOT NULL,
    key_id text NOT NULL,
    signature text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
  )`;

/** Under another isolation the newest event could be one that was committed while this waited, and not be seen. */
const head = `
  CREATE FUNCTION audit_head(OUT sequence bigint, OUT hash text, OUT at timestamptz) LANGUAGE plpgsql AS $$
  BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
      RAISE EXCEPTION 'events are appended in transactions of the isolation READ COMMITTED only';
    END IF;
    PERFORM pg_advisory_xact_lock(x'61756474'::bigint);
    SELECT e.sequence, encode(e.hash, 'hex'), e.at INTO sequence, hash, at
      FROM public.audit_events e ORDER BY e.sequence DESC, e.at DESC LIMIT 1;
    IF sequence IS NULL THEN
      SELECT s.last_sequence, encode(s.head_hash, 'hex'), s.last_at INTO sequence, hash, at
        FROM public.audit_seals s ORDER BY s.last_sequence DESC LIMIT 1;
    END IF;
    sequence := coalesce(sequence, 0);
    hash := coalesce(hash, repeat('0', 64));
    at := greatest(at, date_trunc('milliseconds', clock_timestamp()));
  END $$`;

/** A partition is filled in beside the table and then attached, which keeps nobody from appending meanwhile. */
const ensurePartitions = `
  CREATE FUNCTION audit_ensure_partitions(ahead integer) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    this_month CONSTANT timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    partition text;
  BEGIN
    PERFORM pg_advisory_xact_lock(x'61756475'::bigint);
    FOR i IN 0 .. least(greatest(ahead, 0), 24) LOOP
      month := this_month + make_interval(months => i);
      partition := 'audit_events_' || to_char(month, 'YYYY_MM');
      CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
      EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_events INCLUDING ALL)', partition);
      PERFORM public.make_append_only(('public.' || partition)::regclass);
      EXECUTE format(
        'ALTER TABLE public.audit_events ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        partition, to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
        to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
    END LOOP;
  END $$`;
