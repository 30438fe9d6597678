import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: processes serve from snapshots of the configuration tables and must learn of every change, whoever makes it.
 * `watch_table(table, topic, ignored columns)` counts the changes of a table in `change_counters` and sends a notification;
 * an update that changes no row, or only ignored columns, counts for nothing. `unwatch_table(table)` ends it.
 * Lock: none on existing tables; `watch_table` takes SHARE ROW EXCLUSIVE on the table for the moment of its four triggers.
 * Undo: `down`; first unwatch every table, or it refuses.
 */
export class CreateChangeCounters implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createCounters);
    await runner.query(createBump);
    await runner.query(createWatch);
    await runner.query(createUnwatch);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION unwatch_table(regclass)');
    await runner.query('DROP FUNCTION watch_table(regclass, text, text[])');
    await runner.query('DROP FUNCTION count_change()');
    await runner.query('DROP TABLE change_counters');
  }
}

const createCounters = `
  CREATE TABLE change_counters (
    topic text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0
  )`;

const createBump = `
  CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    watched_topic CONSTANT text := TG_ARGV[0];
    ignored CONSTANT text[] := TG_ARGV[1]::text[];
    changed boolean := true;
  BEGIN
    IF TG_OP = 'INSERT' THEN
      SELECT EXISTS (SELECT FROM new_rows) INTO changed;
    ELSIF TG_OP = 'DELETE' THEN
      SELECT EXISTS (SELECT FROM old_rows) INTO changed;
    ELSIF TG_OP = 'UPDATE' THEN
      SELECT EXISTS (
        SELECT to_jsonb(n) - ignored FROM new_rows n EXCEPT SELECT to_jsonb(o) - ignored FROM old_rows o
      ) INTO changed;
    END IF;
    IF changed THEN
      UPDATE change_counters SET version = version + 1 WHERE topic = watched_topic;
      PERFORM pg_notify('config_changed', watched_topic);
    END IF;
    RETURN NULL;
  END $$`;

const createWatch = `
  CREATE FUNCTION watch_table(watched regclass, topic text, ignored_columns text[] DEFAULT '{}')
  RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    call CONSTANT text := format(
      'ON %s %%s FOR EACH STATEMENT EXECUTE FUNCTION count_change(%L, %L)', watched, topic, ignored_columns
    );
  BEGIN
    INSERT INTO change_counters (topic) VALUES (watch_table.topic) ON CONFLICT DO NOTHING;
    EXECUTE 'CREATE TRIGGER count_insert AFTER INSERT ' || format(call, 'REFERENCING NEW TABLE AS new_rows');
    EXECUTE 'CREATE TRIGGER count_update AFTER UPDATE '
      || format(call, 'REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows');
    EXECUTE 'CREATE TRIGGER count_delete AFTER DELETE ' || format(call, 'REFERENCING OLD TABLE AS old_rows');
    EXECUTE 'CREATE TRIGGER count_truncate AFTER TRUNCATE ' || format(call, '');
  END $$`;

const createUnwatch = `
  CREATE FUNCTION unwatch_table(watched regclass) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    event text;
  BEGIN
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
      EXECUTE format('DROP TRIGGER IF EXISTS count_%s ON %s', event, watched);
    END LOOP;
  END $$`;
