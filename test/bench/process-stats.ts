import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface ProcessStats {
  /** Time on a CPU, all threads, user and system. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const pageBytes = 4096;

/** Reads both from /proc, where the scheduler counts in nanoseconds. @throws Error on systems without it */
export function statsOf(pid: number): ProcessStats {
  const tasks = `/proc/${pid}/task`;
  let cpuNs = 0;
  for (const task of readdirSync(tasks)) {
    cpuNs += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
  }
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpuUs: cpuNs / 1000, rssBytes: pages * pageBytes };
}
