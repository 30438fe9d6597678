import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: each rotation of a system key is kept, so that it can be looked up and a repeated request finds it.
 * Lock: none on existing tables but SHARE ROW EXCLUSIVE on `api_keys` for the moment of adding the foreign key.
 * Undo: `migration:revert` drops the history; secrets stay as they are, and still end when they were to end.
 */
export class CreateRotations20261129090000 implements MigrationInterface {
  readonly name = 'CreateRotations20261129090000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rotations (
        id uuid PRIMARY KEY,
        resource_kind text NOT NULL CONSTRAINT ck_rotations_kind CHECK (resource_kind = 'api_key'),
        api_key_id uuid NOT NULL CONSTRAINT fk_rotations_api_key REFERENCES api_keys ON DELETE CASCADE,
        cause text NOT NULL CONSTRAINT ck_rotations_cause CHECK (cause IN ('manual', 'emergency')),
        previous_valid_until timestamptz NOT NULL,
        request_key text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT uq_rotations_request UNIQUE (api_key_id, request_key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rotations');
  }
}
