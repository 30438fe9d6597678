import { QueryFailedError, type DataSource } from 'typeorm';
import { usageColumns } from '../domain/usage-line.js';
import { Ledger, type LedgerAnswer } from '../ledger.js';

const columns = Object.keys(usageColumns).join(', ');
const places = Object.entries(usageColumns).map(([, type], at) => {
  if (type === 'jsonb') return `line->${at}`;
  if (type === 'timestamptz') return `to_timestamp((line->>${at})::double precision / 1000)`;
  return `(line->>${at})::${type}`;
});

/** Postgres takes the journal apart itself: its bytes are the one parameter, no line is looked at on our side. */
const insert = `
  WITH brought AS (
    SELECT text::jsonb AS line FROM string_to_table($1::text, E'\\n') AS text WHERE text <> ''
  ), stored AS (
    INSERT INTO usage_records (${columns})
    SELECT ${places.join(', ')} FROM brought
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT (SELECT count(*) FROM stored)::integer AS "newRecords", (SELECT count(*) FROM brought)::integer AS "records"`;

/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint): the lines are at fault and always will be. */
const linesAtFault = /^2[23]/;

/** The ledger in the table `usage_records`. */
export class PostgresLedger extends Ledger {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async store(lines: Buffer): Promise<LedgerAnswer> {
    try {
      const [row] = await this.dataSource.query<[{ newRecords: number; records: number }]>(insert, [lines]);
      return { kind: 'stored', ...row };
    } catch (error) {
      const { code = '' } = error instanceof QueryFailedError ? (error.driverError as { code?: string }) : {};
      if (linesAtFault.test(code)) return { kind: 'refused', reason: `SQLSTATE ${code}` };
      throw error;
    }
  }
}
