import type { VaultSettings } from '#config';
import { Secret } from '#kernel';
import { KeysUnreachable } from '../key-encryption-keys.js';
import type { Patience } from '../remote/patience.js';
import { passingStatus, RemoteService, type RemoteAnswer } from '../remote/remote-service.js';

/** Where Vault is, and how this process shows who it is. */
export type VaultPlace = Pick<VaultSettings, 'address' | 'namespace' | 'login'>;

/** What Vault answered that is no fault of the way to it. */
export interface VaultAnswer {
  readonly status: number;
  /** `data` or `auth` of the answer, whichever it has; empty when it has none. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Speaks HTTP with Vault: logs in, again when the token has run out, and tries again what may pass. No error holds a secret. */
export class VaultClient {
  #token: Secret | null;
  readonly #service: RemoteService;

  constructor(
    private readonly place: VaultPlace,
    patience: Patience,
  ) {
    this.#token = place.login.kind === 'token' ? place.login.token : null;
    this.#service = new RemoteService('Vault', patience, passing);
  }

  /** Why the last question had no answer; `null` when it had one. */
  get trouble(): string | null {
    return this.#service.trouble;
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
    if (answer.status === 403) throw new KeysUnreachable(`Vault forbids ${path} (status 403)`, 'denied');
    return answer;
  }

  private async token(): Promise<Secret> {
    const { login } = this.place;
    if (this.#token !== null) return this.#token;
    if (login.kind === 'token') return login.token;
    const given = { role_id: login.roleId, secret_id: login.secretId.reveal() };
    const { status, data } = await this.send('auth/approle/login', given, null);
    const token = data['client_token'];
    if (typeof token !== 'string') {
      throw new KeysUnreachable(`Vault refused the login (status ${status})`, 'denied');
    }
    this.#token = new Secret(token);
    return this.#token;
  }

  private async send(path: string, body: object | null, token: Secret | null): Promise<VaultAnswer> {
    const { address, namespace } = this.place;
    const answer = await this.#service.ask(() => ({
      method: body === null ? 'GET' : 'POST',
      url: `${address}/v1/${path}`,
      headers: {
        'x-vault-request': 'true',
        ...(token === null ? {} : { 'x-vault-token': token.reveal() }),
        ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
      },
      body: body === null ? null : JSON.stringify(body),
    }));
    const found = answer.body['auth'] ?? answer.body['data'];
    const data = typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
    return { status: answer.status, data };
  }
}

/** 412: a standby that has not seen yet what was written. */
const passing = (answer: RemoteAnswer) => (answer.status === 412 ? 'unreachable' : passingStatus(answer));
