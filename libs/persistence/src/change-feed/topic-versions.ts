import type { DataSource } from 'typeorm';

/** The counter of each topic, as decimal text; a topic nobody watches yet is missing. */
export type TopicVersions = ReadonlyMap<string, string>;

/** Reads all counters. */
export async function readTopicVersions(dataSource: DataSource): Promise<TopicVersions> {
  const rows: { topic: string; version: string }[] = await dataSource.query(
    'SELECT topic, version FROM change_counters',
  );
  return new Map(rows.map(({ topic, version }) => [topic, version]));
}
