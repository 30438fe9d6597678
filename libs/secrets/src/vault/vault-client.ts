import { setTimeout as pause } from 'node:timers/promises';
import type { VaultSettings } from '#config';
import { Secret } from '#kernel';
import { KeysUnreachable } from '../key-encryption-keys.js';

/** Where Vault is, and how this process shows who it is. */
export type VaultPlace = Pick<VaultSettings, 'address' | 'namespace' | 'login'>;

/** What Vault answered that is no fault of the way to it. */
export interface VaultAnswer {
  readonly status: number;
  /** `data` or `auth` of the answer, whichever it has; empty when it has none. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a client may wait, and how it waits. */
export interface VaultPatience {
  /** Of one request, ms. */
  readonly timeoutMs: number;
  /** Waits between two attempts, ms: one more attempt for each. */
  readonly pausesMs: readonly number[];
  readonly pause: (ms: number) => Promise<unknown>;
  readonly nowMs: () => number;
}

/** 5 s a request, three attempts. */
export const usualPatience: VaultPatience = {
  timeoutMs: 5_000,
  pausesMs: [100, 400],
  pause,
  nowMs: () => performance.now(),
};

/** After the first failure nobody is asked for as long, twice as long after each further one. */
const shortestQuietMs = 1_000;
const longestQuietMs = 60_000;

const longestAnswerChars = 65_536;

/** Speaks HTTP with Vault: logs in, again when the token has run out, and tries again what may pass. No error holds a secret. */
export class VaultClient {
  #token: Secret | null;
  #quietMs = 0;
  #quietUntilMs = -Infinity;

  constructor(
    private readonly place: VaultPlace,
    private readonly patience: VaultPatience,
  ) {
    this.#token = place.login.kind === 'token' ? place.login.token : null;
  }

  /**
   * @param path below `/v1/`
   * @param body `null` reads
   * @throws KeysUnreachable when Vault is away, sealed, too slow, throttles for longer than we wait, or does not let us in
   */
  async ask(path: string, body: object | null): Promise<VaultAnswer> {
    let answer = await this.send(path, body, await this.token());
    if (answer.status === 403 && this.place.login.kind === 'approle') {
      this.#token = null;
      answer = await this.send(path, body, await this.token());
    }
    if (answer.status === 403) throw new KeysUnreachable(`Vault forbids ${path} (status 403)`);
    return answer;
  }

  private async token(): Promise<Secret> {
    const { login } = this.place;
    if (this.#token !== null) return this.#token;
    if (login.kind === 'token') return login.token;
    const given = { role_id: login.roleId, secret_id: login.secretId.reveal() };
    const { status, data } = await this.send('auth/approle/login', given, null);
    const token = data['client_token'];
    if (typeof token !== 'string') throw new KeysUnreachable(`Vault refused the login (status ${status})`);
    this.#token = new Secret(token);
    return this.#token;
  }

  private async send(path: string, body: object | null, token: Secret | null): Promise<VaultAnswer> {
    if (this.patience.nowMs() < this.#quietUntilMs)
      throw new KeysUnreachable('Vault could not be reached just now');
    let why = '';
    for (const pauseMs of [0, ...this.patience.pausesMs]) {
      if (pauseMs > 0) await this.patience.pause(pauseMs);
      const answer = await this.attempt(path, body, token);
      if (typeof answer !== 'string') {
        this.#quietMs = 0;
        return answer;
      }
      why = answer;
    }
    this.#quietMs = Math.min(Math.max(this.#quietMs * 2, shortestQuietMs), longestQuietMs);
    this.#quietUntilMs = this.patience.nowMs() + this.#quietMs;
    throw new KeysUnreachable(`Vault cannot be reached: ${why}`);
  }

  /** @returns the answer, or why another attempt may help */
  private async attempt(
    path: string,
    body: object | null,
    token: Secret | null,
  ): Promise<VaultAnswer | string> {
    const { address, namespace } = this.place;
    try {
      const response = await fetch(`${address}/v1/${path}`, {
        method: body === null ? 'GET' : 'POST',
        headers: {
          'x-vault-request': 'true',
          ...(token === null ? {} : { 'x-vault-token': token.reveal() }),
          ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
        },
        body: body === null ? null : JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(this.patience.timeoutMs),
      });
      const { status } = response;
      const text = await response.text();
      if (status === 429 || status >= 500 || status === 412) return `status ${status}`;
      return { status, data: text.length > longestAnswerChars ? {} : dataOf(text) };
    } catch (error) {
      return String((error as { name?: unknown }).name);
    }
  }
}

function dataOf(text: string): Record<string, unknown> {
  try {
    const { data, auth } = JSON.parse(text) as { data?: unknown; auth?: unknown };
    const found = auth ?? data;
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
