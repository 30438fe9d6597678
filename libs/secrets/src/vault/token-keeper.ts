import type { Logger } from '#observability';
import type { VaultClient } from './vault-client.js';

/** Rings once, after so many ms; what it gives takes it back. */
export type Alarm = (afterMs: number, ring: () => void) => () => void;

/** Rings by the clock; keeps no process alive. */
export const usualAlarm: Alarm = (afterMs, ring) => {
  const timer = setTimeout(ring, afterMs).unref();
  return () => clearTimeout(timer);
};

const soonestMs = 1_000;
const latestMs = 86_400_000;
const afterFailureMs = 30_000;

/**
 * Renews a token of Vault (`auth/token/renew-self`) at half of its life. One that cannot be renewed, or not for longer, is
 * told in the log, once, and as {@link trouble}.
 */
export class TokenKeeper {
  #trouble: string | null = null;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(
    private readonly client: Pick<VaultClient, 'ask'>,
    private readonly logger: Pick<Logger, 'warn' | 'info'>,
    private readonly alarm: Alarm,
  ) {}

  /** What is wrong with the token though it is good still; `null`: nothing. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Looks at the token, renews it where that is of use, and sets the next look. Never rejects. */
  async look(): Promise<void> {
    const nextMs = await this.renewal().catch((error: unknown) => {
      this.tell(`the Vault token could not be renewed: ${String((error as Error).message)}`);
      return afterFailureMs;
    });
    if (nextMs === null || this.#stopped) return;
    const waitMs = Math.min(Math.max(nextMs, soonestMs), latestMs);
    this.#cancel = this.alarm(waitMs, () => void this.look());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** @returns when to look again, ms; `null`: never, the token has no end */
  private async renewal(): Promise<number | null> {
    const { data: token } = await this.client.ask('auth/token/lookup-self', null);
    const leftSeconds = secondsOf(token['ttl']);
    if (leftSeconds === 0) return null;
    if (token['renewable'] !== true) return this.ending(leftSeconds);
    const { data: renewed } = await this.client.ask('auth/token/renew-self', {});
    const lifeSeconds = secondsOf(renewed['lease_duration']);
    // At its greatest age a token is renewed for what is left of that.
    if (lifeSeconds <= leftSeconds && lifeSeconds < secondsOf(token['creation_ttl'])) {
      return this.ending(lifeSeconds);
    }
    if (this.#trouble !== null) this.logger.info('the Vault token is renewed again');
    this.#trouble = null;
    return lifeSeconds * 500;
  }

  private ending(leftSeconds: number): number {
    this.tell('the Vault token will end and cannot be renewed for longer: give the process another', {
      leftSeconds,
    });
    return leftSeconds * 500;
  }

  private tell(what: string, fields: { leftSeconds?: number } = {}): void {
    if (this.#trouble !== what) this.logger.warn(what, fields);
    this.#trouble = what;
  }
}

function secondsOf(value: unknown): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new RangeError('Vault did not say how long it lasts');
}
