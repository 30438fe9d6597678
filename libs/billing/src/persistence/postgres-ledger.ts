import { QueryFailedError, type DataSource } from 'typeorm';
import { usageColumns } from '../domain/usage-line.js';
import { Ledger, type LedgerAnswer } from '../ledger.js';

const columns = Object.keys(usageColumns).join(', ');
const typed = Object.entries(usageColumns)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ');

/** Postgres reads the journal's JSON itself: one parameter per batch, no parse on our side. */
const insert = `
  WITH stored AS (
    INSERT INTO usage_records (${columns})
    SELECT ${columns} FROM jsonb_to_recordset($1::jsonb) AS line (${typed})
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT count(*)::integer AS "newRecords" FROM stored`;

/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint): the lines are at fault and always will be. */
const linesAtFault = /^2[23]/;

/** The ledger in the table `usage_records`. */
export class PostgresLedger extends Ledger {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async store(lines: readonly string[]): Promise<LedgerAnswer> {
    try {
      const [row] = await this.dataSource.query<[{ newRecords: number }]>(insert, [`[${lines.join(',')}]`]);
      return { kind: 'stored', newRecords: row.newRecords };
    } catch (error) {
      const { code = '' } = error instanceof QueryFailedError ? (error.driverError as { code?: string }) : {};
      if (linesAtFault.test(code)) return { kind: 'refused', reason: `SQLSTATE ${code}` };
      throw error;
    }
  }
}
