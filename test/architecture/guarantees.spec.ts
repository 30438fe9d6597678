import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync('docs/guarantees.md', 'utf8');
/** Each row of a table: what is promised, a link to a file, titles of tests in it, perhaps a link to a decision. */
const rows = [...page.matchAll(/^\| (.+?) +\| \[.+?\]\(\.\.\/(.+?)\) +\| (.+?) +\| (.*?) *\|$/gm)].map(
  ([, promised = '', file = '', titles = '', decision = '']) => ({
    promised,
    file,
    titles: [...titles.matchAll(/`(.+?)`/g)].map(([, title = '']) => title),
    decision: /^\[\d{4}\]\((.+)\)$/.exec(decision)?.[1] ?? null,
  }),
);

describe('docs/guarantees.md', () => {
  it('is made of rows that name a file and tests', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('|') && !/^\| (promised|-)/.test(line));
    expect(rows).toHaveLength(lines.length);
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ titles }) => titles.length === 0)).toEqual([]);
  });

  it.each(rows)('tells the truth of where it is proven: $promised', ({ file, titles, decision }) => {
    const source = readFileSync(file, 'utf8');
    for (const title of titles) expect(literalsOf(title).some((text) => source.includes(text))).toBe(true);
    if (decision !== null) expect(existsSync(`docs/${decision}`)).toBe(true);
  });
});

/** A title as it may stand in the source. */
const literalsOf = (title: string): string[] => [
  `'${title.replaceAll("'", "\\'")}'`,
  `"${title}"`,
  `\`${title}\``,
];
