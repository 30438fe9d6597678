import { appendFile, stat } from 'node:fs/promises';

/** Bound on the file, so that no fault of ours can fill the disk. */
const maxBytes = 64 * 1024 * 1024;

/** Keeps lines that the ledger refuses in a file for people to look at, out of the way of the lines behind them. */
export class SetAside {
  constructor(private readonly path: string) {}

  /**
   * @returns `false` when the file is full and the lines are given up
   * @throws Error of the file system
   */
  async keep(lines: readonly string[]): Promise<boolean> {
    const { size } = await stat(this.path).catch(() => ({ size: 0 }));
    if (size > maxBytes) return false;
    await appendFile(this.path, `${lines.join('\n')}\n`, { mode: 0o600 });
    return true;
  }
}
