import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { settings } from './settings.js';

it('the README documents every variable with its default', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../../README.md'), 'utf8');
  const documented = readme.split('\n').filter((line) => /^\| `[A-Z_]+` +\|/.test(line));
  const expected = Object.entries(settings).map(
    ([name, { default: text, description }]) =>
      `| \`${name}\` | ${text === null ? '' : `\`${text}\` `}| ${description.replaceAll('|', '\\|')} |`,
  );
  expect(documented.map((line) => line.replaceAll(/ +/g, ' '))).toEqual(
    expected.map((line) => line.replaceAll(/ +/g, ' ')),
  );
});
