import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who writes into a journal directory, told by the directory's name `<place>~<pid>~<start>~<random>`. The place is host and pid
 * namespace: only within it does a pid say anything about whether a process still runs.
 */
export interface JournalOwner {
  readonly place: string;
  readonly directoryName: string;
}

/** Added to the name of a directory whose owner gave it up with segments in it. */
export const leftSuffix = '~left';

/** How long the directory of another place goes untouched before its owner counts as gone. */
export const staleAfterMs = 5 * 60_000;

/** A fresh owner in this process. */
export function newOwner(): JournalOwner {
  const place = `${hostname()}-${pidNamespace()}`.replaceAll(/[^\w.-]/g, '_');
  const random = randomBytes(4).toString('hex');
  return {
    place,
    directoryName: `${place}~${process.pid}~${startOf(process.pid) ?? 'unknown'}~${random}`,
  };
}

/**
 * Whether the segments of a journal directory may be taken over. A process that lives keeps its directory, also when its
 * pid was used before; one of another place must touch its directory to keep it.
 *
 * @param touchedAtMs the directory's time of modification
 * @param startOfPid when the process with that pid started; `null` when there is none
 */
export function isOrphaned(
  directoryName: string,
  touchedAtMs: number,
  self: JournalOwner,
  nowMs: number,
  startOfPid: (pid: number) => string | null = startOf,
): boolean {
  if (directoryName.endsWith(leftSuffix)) return true;
  const [place, pid, start] = directoryName.split('~');
  if (place !== self.place) return nowMs - touchedAtMs > staleAfterMs;
  return startOfPid(Number(pid)) !== start;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '';
  }
}

function startOf(pid: number): string | null {
  return process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
}

/** Clock ticks from boot to the start of the process, and the boot: never the same for two processes. */
function startOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may hold anything; the fields after it start with the third of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return fields[0] === 'Z' ? null : `${fields[19]}-${boot}`;
  } catch {
    return null;
  }
}

/** Without /proc a running pid is taken for the owner: at worst its segments wait until that process ends. */
function startElsewhere(pid: number): string | null {
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch {
    return null;
  }
}
