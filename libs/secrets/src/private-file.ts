import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const maxBytes = 64 * 1024;
/**
 * Access by others. Access by the group is let through: Kubernetes grants it on every volume with an `fsGroup`.
 */
const othersMask = 0o007;

/** A file's text, and whether this call made it. */
export interface PrivateFile {
  readonly text: string;
  readonly created: boolean;
}

/**
 * Reads a file that only its owner may see, or makes it (mode 0600, in a directory of mode 0700) when there is none.
 * The file appears complete or not at all; of two processes that make it at once, both get the text of one.
 *
 * @param newText called only when the file does not exist
 * @throws Error when the file is open to others, larger than 64 KiB, or cannot be read or made
 */
export async function readOrCreatePrivateFile(path: string, newText: () => string): Promise<PrivateFile> {
  const existing = await readPrivateFile(path);
  if (existing !== null) return { text: existing, created: false };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const created = await createOnce(path, newText());
  const text = await readPrivateFile(path);
  if (text === null) throw new Error(`${path} vanished while it was being made`);
  return { text, created };
}

async function readPrivateFile(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(whenCode('ENOENT', null));
  if (file === null) return null;
  try {
    const { mode, size } = await file.stat();
    if ((mode & othersMask) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new Error(
        `${path} holds keys but is open to every user (mode ${shown}): run "chmod 600 ${path}"`,
      );
    }
    if (size > maxBytes) throw new Error(`${path} has ${size} bytes, more than a key file may (${maxBytes})`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** A hard link, unlike a rename, fails when the name is taken: the first process wins and nobody overwrites keys. */
async function createOnce(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  await writeDurably(draft, text);
  try {
    const created = await link(draft, path).then(() => true, whenCode('EEXIST', false));
    await syncDirectory(dirname(path));
    return created;
  } finally {
    await unlink(draft);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** For `catch`: gives `value` for one error code and throws everything else on. */
function whenCode<T>(code: string, value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === code) return value;
    throw error;
  };
}
