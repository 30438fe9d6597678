import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: system keys are rotated by a timetable. A policy says how, a row a key says when it is looked at next, and a rotation
 * that hands its secret over later knows how far it has come.
 * Lock: ACCESS EXCLUSIVE on `rotations`, a table of one short row a rotation, while columns are added and a check is read through;
 * SHARE ROW EXCLUSIVE on `api_keys` for the moment of adding the foreign key.
 * Undo: `migration:revert` drops policies and rotations by timetable. Secrets that nobody has claimed stay valid, known to nobody.
 */
export class CreateRotationPolicies20261129100000 implements MigrationInterface {
  readonly name = 'CreateRotationPolicies20261129100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(rotationPolicies);
    await runner.query(rotationTargets);
    await runner.query('CREATE INDEX ix_rotation_targets_next_look ON rotation_targets (next_look_at)');
    await runner.query('CREATE INDEX ix_rotation_targets_policy ON rotation_targets (policy_id)');
    await runner.query(`
      ALTER TABLE rotations
        ADD COLUMN policy_id uuid CONSTRAINT fk_rotations_policy REFERENCES rotation_policies ON DELETE SET NULL,
        ADD COLUMN state text NOT NULL DEFAULT 'completed'
          CONSTRAINT ck_rotations_state CHECK (state IN ('delivering', 'awaiting_claim', 'completed', 'failed', 'aborted')),
        ADD COLUMN reason text,
        ADD COLUMN new_key_id text,
        ADD COLUMN sealed_secret bytea,
        ADD COLUMN claim_hash bytea,
        ADD COLUMN attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN next_look_at timestamptz,
        ADD COLUMN fence integer NOT NULL DEFAULT 0,
        ADD COLUMN leased_until timestamptz,
        ALTER COLUMN previous_valid_until DROP NOT NULL,
        DROP CONSTRAINT ck_rotations_cause,
        ADD CONSTRAINT ck_rotations_cause CHECK (cause IN ('manual', 'emergency', 'scheduled')),
        ADD CONSTRAINT ck_rotations_sealed CHECK (sealed_secret IS NULL OR state IN ('delivering', 'awaiting_claim'))`);
    await runner.query(`
      CREATE UNIQUE INDEX uq_rotations_under_way ON rotations (api_key_id) WHERE state IN ('delivering', 'awaiting_claim')`);
    await runner.query(
      'CREATE UNIQUE INDEX uq_rotations_claim ON rotations (claim_hash) WHERE claim_hash IS NOT NULL',
    );
    await runner.query('CREATE INDEX ix_rotations_policy ON rotations (policy_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM rotations WHERE cause = 'scheduled' OR previous_valid_until IS NULL`);
    await runner.query(`
      ALTER TABLE rotations
        DROP COLUMN policy_id, DROP COLUMN state, DROP COLUMN reason, DROP COLUMN new_key_id, DROP COLUMN sealed_secret,
        DROP COLUMN claim_hash, DROP COLUMN attempts, DROP COLUMN next_look_at, DROP COLUMN fence, DROP COLUMN leased_until,
        ALTER COLUMN previous_valid_until SET NOT NULL,
        DROP CONSTRAINT ck_rotations_cause,
        ADD CONSTRAINT ck_rotations_cause CHECK (cause IN ('manual', 'emergency'))`);
    await runner.query('DROP TABLE rotation_targets');
    await runner.query('DROP TABLE rotation_policies');
  }
}

const rotationPolicies = `
  CREATE TABLE rotation_policies (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT uq_rotation_policies_name UNIQUE,
    target_kind text NOT NULL CONSTRAINT ck_rotation_policies_kind CHECK (target_kind = 'api_key'),
    every_days integer NOT NULL,
    window_hours integer NOT NULL,
    grace_seconds integer NOT NULL,
    hard_deadline boolean NOT NULL,
    warn_days integer[] NOT NULL,
    delivery jsonb NOT NULL,
    sealed_signing_secret bytea,
    maker text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`;

const rotationTargets = `
  CREATE TABLE rotation_targets (
    api_key_id uuid PRIMARY KEY CONSTRAINT fk_rotation_targets_api_key REFERENCES api_keys ON DELETE CASCADE,
    policy_id uuid NOT NULL CONSTRAINT fk_rotation_targets_policy REFERENCES rotation_policies,
    due_at timestamptz NOT NULL,
    next_look_at timestamptz NOT NULL,
    fence integer NOT NULL DEFAULT 0,
    leased_until timestamptz
  )`;
