import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Secret } from '#kernel';
import { freePort } from './gateway-process.js';

/** A Redis of a spec's own. */
export interface RedisServer {
  readonly url: Secret;
  /** It hangs from now on: connections stay, and nothing is answered. */
  pause(): void;
  /** It goes on where it was. */
  resume(): void;
  /** Ends it as `kill -9` would, also while it hangs. */
  kill(): Promise<void>;
}

/** Whether this machine has `redis-server`; where it has not, specs say so and skip what needs it. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis)
  process.stderr.write('SKIPPED: there is no redis-server; what is shared through Redis is not tested.\n');

/** Starts Redis on the loopback, without files. */
export async function startRedis(given?: number): Promise<RedisServer & { readonly port: number }> {
  const port = given ?? (await freePort());
  const arguments_ = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', arguments_, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/tmp' });
  let printed = '';
  while (!printed.includes('Ready to accept connections')) {
    const [data] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    if (child.exitCode !== null) throw new Error(`redis-server ended: ${printed}`);
    printed += String(data);
  }
  child.stdout.resume();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: new Secret(`redis://127.0.0.1:${port}/0`),
    port,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
  };
}
