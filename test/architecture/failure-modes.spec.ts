import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '#kernel';

const page = readFileSync('docs/failure-modes.md', 'utf8');

describe('docs/failure-modes.md', () => {
  it('lists exactly the codes of the catalogue, each with its status and meaning', () => {
    const rows = page.matchAll(/^\| `(\w+)`\s*\| (\d{3})\s*\| (.+?)\s*\|$/gm);
    const listed = [...rows].map(([, code, status, when]) => [code, { status: Number(status), when }]);
    expect(Object.fromEntries(listed)).toEqual(errorCodes);
  });
});
