import type { WriteStream } from 'node:tty';

const width = 40;

/**
 * Draws progress on a terminal, and nothing anywhere else.
 *
 * @returns to be told how many of `total` are done
 */
export function progressBar(output: WriteStream, total: number): (done: number) => void {
  if (!output.isTTY) return () => undefined;
  return (done) => {
    const filled = Math.round((done / total) * width);
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    output.write(`\r  ${bar} ${done}/${total}${done === total ? '\n' : ''}`);
  };
}
