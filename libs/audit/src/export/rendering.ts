import { csvCell } from '#kernel';
import { eventOf, type StoredEvent } from '../domain/stored-event.js';

/** How events leave the database: JSON Lines, or CSV for spreadsheets. */
export type ExportFormat = 'jsonl' | 'csv';

/** Writes events of one format. */
export interface Rendering {
  readonly contentType: string;
  /** What comes before all events. */
  readonly head: string;
  /** One line, its end included. */
  line(event: StoredEvent): string;
}

const columns = [
  'sequence',
  'at',
  'actorKind',
  'actorId',
  'action',
  'outcome',
  'targets',
  'ip',
  'requestId',
  'correlationId',
  'details',
  'hash',
];

/** The formats there are. A line of JSON has all the hash is made from, so that the chain can be followed in the file. */
export const renderings: Readonly<Record<ExportFormat, Rendering>> = {
  jsonl: {
    contentType: 'application/jsonl; charset=utf-8',
    head: '',
    line: (event) => {
      const { fingerprints, previous } = event;
      return `${JSON.stringify({ ...eventOf(event), fingerprints, previous })}\n`;
    },
  },
  csv: {
    contentType: 'text/csv; charset=utf-8',
    head: `${columns.join(',')}\r\n`,
    line: (event) => `${cellsOf(event).map(csvCell).join(',')}\r\n`,
  },
};

const cellsOf = (event: StoredEvent): string[] => [
  String(event.sequence),
  new Date(event.atMs).toISOString(),
  event.actorKind,
  event.actorId ?? '',
  event.action,
  event.outcome,
  event.targets.join(' '),
  event.ip ?? '',
  event.requestId ?? '',
  event.correlationId ?? '',
  event.details,
  event.hash,
];
