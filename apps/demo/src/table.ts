/**
 * Sets rows as text in columns as wide as their widest cell: the first row is the head, text cells stand left, cells
 * that begin with a digit or `$` right, and so does the head above them.
 *
 * @returns lines without trailing spaces, the head underlined
 */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const [head = [], ...body] = rows;
  const columns = head.map((_, column) => ({
    width: Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    isNumeric: body.length > 0 && body.every((row) => /^[$\d]/.test(row[column] ?? '')),
  }));
  const line = (row: readonly string[]): string =>
    columns
      .map(({ width, isNumeric }, column) => {
        const cell = row[column] ?? '';
        return isNumeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const rule = columns.map(({ width }) => '─'.repeat(width)).join('  ');
  return [line(head), rule, ...body.map(line)];
}
