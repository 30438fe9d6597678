import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../gateway/src/main.js', import.meta.url));
const readyTimeoutMs = 60_000;
const pollMs = 50;
/**
 * SIGTERM drains; the second one ends the process at once and takes its Postgres along. A Postgres that outlives both ends
 * by itself within a minute, once its data directory is gone.
 */
const stopSteps = [
  { signal: 'SIGTERM', waitMs: 15_000 },
  { signal: 'SIGTERM', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;
const keptLogLines = 30;

/** The gateway as a process of its own, exactly as `npm start` runs it. */
export class GatewayProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly #stopOnExit = (): void => void this.#child.kill('SIGTERM');

  /** @param environment all that the gateway sees of the outside, besides what programs need to run */
  constructor(
    private readonly url: string,
    environment: Readonly<Record<string, string>>,
  ) {
    const { PATH, HOME, TMPDIR } = process.env;
    // In a process group of its own: Ctrl-C reaches the demo alone, which then stops things in order.
    this.#child = spawn(process.execPath, ['--enable-source-maps', program], {
      env: { PATH, HOME, TMPDIR, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.on('error', (error) => this.#log.push(error.message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    }
    process.on('exit', this.#stopOnExit);
  }

  /** The last lines it wrote. */
  get log(): string {
    return this.#log.join('\n');
  }

  /** @throws Error with the last lines of its log when it ends or is not ready within a minute */
  async untilReady(interrupted: AbortSignal): Promise<void> {
    for (let waitedMs = 0; waitedMs < readyTimeoutMs; waitedMs += pollMs) {
      if (this.#hasEnded()) throw new Error(`The gateway ended while it started:\n${this.log}`);
      const answer = await fetch(`${this.url}/readyz`, { signal: interrupted }).catch(() => null);
      if (answer?.ok === true) return;
      await delay(pollMs, undefined, { signal: interrupted });
    }
    throw new Error(`The gateway is not ready after ${readyTimeoutMs / 1000} s:\n${this.log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#stopOnExit);
    const ended = this.#hasEnded() ? Promise.resolve() : once(this.#child, 'exit');
    for (const { signal, waitMs } of stopSteps) {
      if (this.#hasEnded()) return;
      this.#child.kill(signal);
      await Promise.race([ended, delay(waitMs, undefined, { ref: false })]);
    }
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  #keep(text: string): void {
    this.#log.push(...text.split('\n').filter((line) => line !== ''));
    this.#log.splice(0, this.#log.length - keptLogLines);
  }
}
