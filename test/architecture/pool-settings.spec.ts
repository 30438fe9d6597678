import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { poolSettings, strategyNames } from '#provider-account-pool';

it('the page for operators names every setting of a pool with the default in force', async () => {
  const page = await readFile('docs/operations.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` +\| ([\d.]+) +\| (.+?) +\|$/gm)];
  const said = rows.map(([, name, usual, means]) => [name, Number(usual), means]);
  const inForce = Object.entries(poolSettings).map(([name, { usual, means }]) => [name, usual, means]);
  expect(said).toEqual(inForce);
});

it('and every strategy', async () => {
  const page = await readFile('docs/operations.md', 'utf8');
  for (const name of strategyNames) expect(page).toContain(`\`${name}\``);
});
