import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseUnavailable } from '../persistence.errors.js';
import { postgresEnvironment } from './create-cluster.js';
import type { Home } from './home.js';
import { isPostmasterOf, readPostmasterFile, removePostmasterFile } from './postmaster-file.js';

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const pollMs = 15;
const keptLogLines = 20;

/** A Postgres server that is ready for connections. */
export interface Postmaster {
  readonly port: number;
  readonly process: ChildProcess;
}

/** Settings of the server by their Postgres name, over the defaults of the cluster. */
export type ServerSettings = Readonly<Record<string, string>>;

const defaultSettings: ServerSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // A failing statement's text may hold data; the application logs its own failures.
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/**
 * Starts the server and waits until it is ready. In a session of its own, so that Ctrl-C in a terminal reaches only us
 * and we can drain before the database goes.
 *
 * @param port 1 to 65535, on 127.0.0.1
 * @throws DatabaseUnavailable with the last lines of the server's log when it gives up or is not ready within 60 s
 */
export async function startPostmaster(
  home: Home,
  port: number,
  settings: ServerSettings,
): Promise<Postmaster> {
  const flags = Object.entries({ ...defaultSettings, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(home.binaries.postgres, ['-D', home.data, '-p', String(port), ...flags], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: postgresEnvironment,
    uid: home.account?.uid,
    gid: home.account?.gid,
  });
  const log = keepLastLines(child);
  await untilReady(child, home, log);
  return { port, process: child };
}

function keepLastLines(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter((line) => line !== ''));
    lines.splice(0, lines.length - keptLogLines);
  });
  return lines;
}

async function untilReady(child: ChildProcess, home: Home, log: readonly string[]): Promise<void> {
  let failure: string | null = null;
  child.once('error', (error) => (failure = error.message));
  child.once('close', (code, signal) => (failure = `it ended with ${signal ?? `code ${code}`}`));
  for (let waitedMs = 0; waitedMs < readyTimeoutMs; waitedMs += pollMs) {
    if (failure !== null) throw notStarted(home, failure, log);
    const file = readPostmasterFile(home.data);
    if (file?.ready === true && file.pid === child.pid) return;
    await delay(pollMs);
  }
  child.kill('SIGQUIT');
  throw notStarted(home, `it was not ready within ${readyTimeoutMs / 1000} s`, log);
}

const notStarted = (home: Home, failure: string, log: readonly string[]): DatabaseUnavailable =>
  new DatabaseUnavailable(
    [`the embedded Postgres in ${home.data} did not start: ${failure}`, ...log].join('\n  '),
  );

/** Asks the server to end its sessions and stop; more roughly when it takes longer than 20 s. */
export async function stopPostmaster({ process: child }: Postmaster): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const insist = setTimeout(() => child.kill('SIGQUIT'), stopTimeoutMs);
  await ended;
  clearTimeout(insist);
}

/**
 * Stops the server that a killed process of ours left behind, if there is one.
 *
 * @throws DatabaseUnavailable naming its pid when it does not stop
 */
export async function stopOrphan(dataDirectory: string): Promise<'none' | 'stopped'> {
  const orphan = readPostmasterFile(dataDirectory);
  if (orphan === null) return 'none';
  const isOurs = isPostmasterOf(orphan.pid, dataDirectory);
  if (isOurs === false) removePostmasterFile(dataDirectory);
  if (isOurs !== true) return 'none';
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(orphan.pid, signal);
    for (let waitedMs = 0; waitedMs < stopTimeoutMs; waitedMs += pollMs) {
      if (isPostmasterOf(orphan.pid, dataDirectory) === false) return 'stopped';
      await delay(pollMs);
    }
  }
  throw new DatabaseUnavailable(
    `a Postgres left behind by an earlier run (process ${orphan.pid}) does not stop; end it by hand`,
  );
}

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
