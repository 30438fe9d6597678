import { scenarios } from './scenarios.js';
import type { Sdk } from './sdk.js';
import { sdks } from './sdks/index.js';

/** What every SDK goes through besides {@link scenarios}. */
const alsoTested = [
  'model called provider/model',
  'fail-over on 401, 429, 500',
  'only account fails with 401, 500',
  'timeout',
  'wrong key',
  'unknown model at provider and gateway: 404',
  'abort in the middle of a stream',
];

/** Whether the SDK asks for things that providers keep. */
export const keepsThings = (sdk: Sdk): boolean =>
  sdk.connect({ origin: 'http://localhost', apiKey: 'sk-none' }).missing !== undefined;

/** SDK by scenario, as Markdown. */
export function conformanceTable(): string {
  const rows = scenarios.map(({ name, isFor }) => [name, ...sdks.map((sdk) => (isFor(sdk) ? 'yes' : '-'))]);
  const more = alsoTested.map((name) => [name, ...sdks.map(() => 'yes')]);
  const head = ['', ...sdks.map(({ name }) => name)];
  const line = head.map(() => '---');
  const missing = [
    'unknown file, batch, response: 404',
    ...sdks.map((sdk) => (keepsThings(sdk) ? 'yes' : '-')),
  ];
  return [head, line, ...rows, ...more, missing].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The cells of all tables of a page, whatever their widths. */
export function cellsOf(page: string): readonly (readonly string[])[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
}
