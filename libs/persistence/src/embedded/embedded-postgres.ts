import { setTimeout as delay } from 'node:timers/promises';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import { DatabaseUnavailable } from '../persistence.errors.js';
import { openApplicationLogin } from './application-login.js';
import { ensureCluster } from './create-cluster.js';
import { applicationRole, embeddedUrl, ownerRole } from './embedded-url.js';
import type { Home } from './home.js';
import { prepareHome } from './home.js';
import type { Postmaster, ServerSettings } from './postmaster.js';
import { freePort, startPostmaster, stopOrphan, stopPostmaster } from './postmaster.js';

const portAttempts = 3;
const shortestRestartDelayMs = 250;
const longestRestartDelayMs = 30_000;

/** A Postgres server that belongs to this process. */
export interface EmbeddedPostgres {
  /** Of the role the application runs as; stays the same while the process lives. */
  readonly url: Secret;
  /** Of the role that owns the schema: for migrations and what only an owner may do. */
  readonly ownerUrl: Secret;
  /** Ends all sessions and stops the server. */
  stop(): Promise<void>;
}

/** What the embedded Postgres is started with. */
export interface EmbeddedPostgresOptions {
  /** Absolute. Its parent must be claimed by this process. */
  readonly directory: string;
  readonly logger: Logger;
  /** Server settings over the defaults, such as `fsync: 'off'` in tests. */
  readonly settings?: ServerSettings;
}

/**
 * Starts a real Postgres from the npm package, in about a second; the cluster is created at the first start. A server that
 * a killed process left behind is stopped first. When the server dies by itself it is started again.
 *
 * @throws DatabaseUnavailable with what to do: directory damaged, of another version, not writable, not reachable
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await prepareHome(options.directory, options.logger);
  const password = await ensureCluster(home);
  if ((await stopOrphan(home.data)) === 'stopped') {
    options.logger.warn('stopped the embedded Postgres that an earlier run left behind');
  }
  const supervised = new SupervisedPostgres(home, options);
  const port = await supervised.start();
  const ownerUrl = embeddedUrl(ownerRole, password, port);
  try {
    const url = embeddedUrl(applicationRole, await openApplicationLogin(ownerUrl), port);
    options.logger.info('embedded Postgres is ready', { port, dataDirectory: home.data });
    return { url, ownerUrl, stop: () => supervised.stop() };
  } catch (error) {
    await supervised.stop();
    throw error;
  }
}

class SupervisedPostgres {
  #running: Postmaster | null = null;
  #stopping = false;
  readonly #signalOnExit = (): void => void this.#running?.process.kill('SIGINT');

  constructor(
    private readonly home: Home,
    private readonly options: EmbeddedPostgresOptions,
  ) {}

  /** @returns the port */
  async start(): Promise<number> {
    const { port } = await this.#startOnFreePort();
    process.on('exit', this.#signalOnExit);
    return port;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    process.off('exit', this.#signalOnExit);
    if (this.#running !== null) await stopPostmaster(this.#running);
  }

  async #startOnFreePort(attempt = 1): Promise<Postmaster> {
    try {
      return await this.#startOn(await freePort());
    } catch (error) {
      const portTaken = error instanceof DatabaseUnavailable && error.message.includes('could not bind');
      if (!portTaken || attempt >= portAttempts) throw error;
      return this.#startOnFreePort(attempt + 1);
    }
  }

  async #startOn(port: number): Promise<Postmaster> {
    const running = await startPostmaster(this.home, port, this.options.settings ?? {});
    if (this.#stopping) await stopPostmaster(running);
    this.#running = running;
    running.process.once('exit', () => void this.#restart(port));
    // The process may end while the server runs: it is then told to stop by the exit handler.
    running.process.unref();
    (running.process.stderr as { unref?(): void } | null)?.unref?.();
    return running;
  }

  async #restart(port: number): Promise<void> {
    for (
      let delayMs = shortestRestartDelayMs;
      !this.#stopping;
      delayMs = Math.min(2 * delayMs, longestRestartDelayMs)
    ) {
      this.options.logger.error('embedded Postgres ended by itself and is started again', { delayMs });
      await delay(delayMs, undefined, { ref: false });
      if (this.#stopping) return;
      try {
        await this.#startOn(port);
        this.options.logger.info('embedded Postgres is ready again', { port });
        return;
      } catch (error) {
        this.options.logger.error('embedded Postgres did not start', { error });
      }
    }
  }
}
