/**
 * The database cannot be opened, and only a person can help. The message is for that person: it says what is wrong and
 * what to do, names paths and hosts, and never a password.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

const explanations: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file',
  ENOENT: 'no such file or directory',
};

/**
 * Puts a file-system error into words.
 *
 * @param doing what was tried, for example `create the data directory`
 */
export function fileFault(doing: string, error: unknown): DatabaseUnavailable {
  if (error instanceof DatabaseUnavailable) return error;
  const { code = '', path = '', message = String(error) } = error as NodeJS.ErrnoException;
  const explanation = explanations[code];
  const reason = explanation === undefined ? message : `${path}: ${explanation}`;
  return new DatabaseUnavailable(`cannot ${doing}: ${reason}`, { cause: error });
}
