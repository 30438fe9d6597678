import { Column, type ColumnOptions, type DataSource } from 'typeorm';

/** A column whose cells are envelopes of the secret box. Names as they are in the database. */
export interface SealedColumnName {
  readonly table: string;
  readonly column: string;
  /** The column that tells rows apart and that each envelope is bound to. Unique. */
  readonly rowId: string;
  /** Type of `rowId`, for casts. */
  readonly rowIdType: 'uuid' | 'text';
}

/** Property of the row's id by property of the sealed column, by entity. */
const sealed = new Map<unknown, Map<string, string>>();

/**
 * A column of envelopes, `bytea`. What is declared with this is counted by key and moved to the primary key by the re-wrap
 * job; each envelope must be bound to its table, its column and the text of `rowId`, by their names in the database.
 *
 * @param rowId property of the same entity, `uuid` or `text`, unique
 */
export function SealedColumn(rowId: string, options: ColumnOptions = {}): PropertyDecorator {
  return (prototype, property) => {
    const columns = sealed.get(prototype.constructor) ?? new Map<string, string>();
    sealed.set(prototype.constructor, columns.set(String(property), rowId));
    Column('bytea', options)(prototype, property);
  };
}

/** Every sealed column of the entities that a data source knows, in a fixed order. */
export function sealedColumnsOf(dataSource: DataSource): SealedColumnName[] {
  return dataSource.entityMetadatas
    .flatMap((entity) =>
      [...(sealed.get(entity.target) ?? [])].map(([property, rowId]) => {
        const id = entity.findColumnWithPropertyName(rowId);
        const column = entity.findColumnWithPropertyName(property);
        if (id === undefined || column === undefined) {
          throw new Error(`${entity.name} has no property "${rowId}" to tell its sealed rows apart`);
        }
        const rowIdType = id.type === 'uuid' ? ('uuid' as const) : ('text' as const);
        return { table: entity.tableName, column: column.databaseName, rowId: id.databaseName, rowIdType };
      }),
    )
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** `<table>.<column>`. */
export const nameOf = ({ table, column }: Pick<SealedColumnName, 'table' | 'column'>): string =>
  `${table}.${column}`;
