import { KeysUnreachable, type KeysTrouble } from '../key-encryption-keys.js';
import type { Patience } from '../remote/patience.js';
import { passingStatus, RemoteService, type RemoteAnswer } from '../remote/remote-service.js';
import { TokenStore } from '../remote/token-store.js';
import type { GcpIdentity } from './gcp-identity.js';

/** Speaks the REST protocol of Google Cloud KMS. No error holds anything of a token or a text. */
export class GcpKmsClient {
  readonly #service: RemoteService;
  readonly #tokens: TokenStore;

  /**
   * @param endpoint no slash at the end
   * @param nowMs wall clock, for assertions and the age of tokens
   */
  constructor(
    private readonly endpoint: string,
    identity: GcpIdentity,
    patience: Patience,
    nowMs: () => number,
  ) {
    this.#service = new RemoteService('Google Cloud KMS', patience, passing);
    const logins = new RemoteService("Google's token service", patience);
    this.#tokens = new TokenStore(() => identity(logins, nowMs()), nowMs);
  }

  /** Why the last question had no answer; `null` when it had one. */
  get trouble(): string | null {
    return this.#service.trouble;
  }

  /**
   * @param path below `/v1/`
   * @param body `null` reads
   * @returns the answer; `null` where a ciphertext or its binding is not the one (`INVALID_ARGUMENT`)
   * @throws KeysUnreachable with what is in the way
   */
  async ask(path: string, body: object | null): Promise<Readonly<Record<string, unknown>> | null> {
    let answer = await this.send(path, body);
    if (answer.status === 401) {
      this.#tokens.forget();
      answer = await this.send(path, body);
    }
    if (answer.status === 200) return answer.body;
    const error = errorOf(answer);
    if (error.status === 'INVALID_ARGUMENT') return null;
    const trouble = troubles[error.status] ?? 'denied';
    throw new KeysUnreachable(
      `Google Cloud KMS refuses ${path}: ${error.status} (status ${answer.status})`,
      trouble,
    );
  }

  private send(path: string, body: object | null): Promise<RemoteAnswer> {
    return this.#tokens.current().then((token) =>
      this.#service.ask(() => ({
        method: body === null ? 'GET' : 'POST',
        url: `${this.endpoint}/v1/${path}`,
        headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
        body: body === null ? null : JSON.stringify(body),
      })),
    );
  }
}

/** What errors mean, by their canonical code. A version that is disabled or destroyed is a failed precondition. */
const troubles: Readonly<Record<string, KeysTrouble>> = {
  FAILED_PRECONDITION: 'key_unusable',
  NOT_FOUND: 'key_unusable',
  RESOURCE_EXHAUSTED: 'throttled',
};

/** What is repeated of an error is its code alone. */
function errorOf({ body }: RemoteAnswer): { readonly status: string; readonly message: string } {
  const { status, message } = (body['error'] ?? {}) as Readonly<Record<string, unknown>>;
  const isCode = typeof status === 'string' && /^[A-Z_]{1,40}$/.test(status);
  return { status: isCode ? status : 'an unknown error', message: String(message) };
}

/** A checksum that did not match says that bytes were lost on the way there. */
function passing(answer: RemoteAnswer): KeysTrouble | null {
  const { status, message } = errorOf(answer);
  if (status === 'INVALID_ARGUMENT' && /checksum|crc32c/i.test(message)) return 'unreachable';
  return passingStatus(answer);
}
