import type { AwsKmsSettings } from '#config';
import { KeysUnreachable, type KeysTrouble } from '../key-encryption-keys.js';
import type { Patience } from '../remote/patience.js';
import { passingStatus, RemoteService, type RemoteAnswer } from '../remote/remote-service.js';
import { signedRequest } from './signed-request.js';

/** Where AWS KMS is, and who asks. */
export type AwsPlace = Pick<AwsKmsSettings, 'endpoint' | 'region' | 'accessKey'>;

/** An answer of AWS KMS to a question that it understood. */
export type AwsAnswer =
  | { readonly result: Readonly<Record<string, unknown>> }
  /** The ciphertext, its binding or its key are not the ones. */
  | { readonly result: null };

/** What errors mean, by their name without a namespace. Source: the API reference of AWS KMS, common errors. */
const troubles: Readonly<Record<string, KeysTrouble>> = {
  ThrottlingException: 'throttled',
  LimitExceededException: 'throttled',
  KMSInternalException: 'unreachable',
  DependencyTimeoutException: 'unreachable',
  KeyUnavailableException: 'unreachable',
  ServiceUnavailable: 'unreachable',
  InternalFailure: 'unreachable',
  DisabledException: 'key_unusable',
  KMSInvalidStateException: 'key_unusable',
  NotFoundException: 'key_unusable',
  InvalidKeyUsageException: 'key_unusable',
};
const notTheOnes: ReadonlySet<string> = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/** Speaks the JSON protocol of AWS KMS. No error holds anything of a key or a text. */
export class AwsKmsClient {
  readonly #service: RemoteService;

  /** @param nowMs wall clock, for signatures */
  constructor(
    private readonly place: AwsPlace,
    patience: Patience,
    private readonly nowMs: () => number,
  ) {
    this.#service = new RemoteService('AWS KMS', patience, passing);
  }

  /** Why the last question had no answer; `null` when it had one. */
  get trouble(): string | null {
    return this.#service.trouble;
  }

  /**
   * @param action such as `Encrypt`
   * @throws KeysUnreachable with what is in the way
   */
  async ask(action: string, parameters: object): Promise<AwsAnswer> {
    const { endpoint, region, accessKey } = this.place;
    const body = JSON.stringify(parameters);
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    };
    const request = {
      method: 'POST' as const,
      origin: endpoint,
      path: '/',
      headers,
      body,
      url: `${endpoint}/`,
    };
    const answer = await this.#service.ask(() =>
      signedRequest(request, accessKey, { region, service: 'kms' }, this.nowMs()),
    );
    if (answer.status === 200) return { result: answer.body };
    const error = errorOf(answer);
    if (notTheOnes.has(error)) return { result: null };
    const trouble = troubles[error] ?? 'denied';
    throw new KeysUnreachable(`AWS KMS refuses ${action}: ${error} (status ${answer.status})`, trouble);
  }
}

/** Its names are `<namespace>#<name>` or the name alone. Nothing else that was answered is repeated. */
function errorOf({ body }: RemoteAnswer): string {
  const [, name] = /^(?:.*#)?([A-Za-z]{1,64})$/.exec(String(body['__type'])) ?? [];
  return name ?? 'an unknown error';
}

function passing(answer: RemoteAnswer): KeysTrouble | null {
  const trouble = troubles[errorOf(answer)];
  return trouble === 'throttled' || trouble === 'unreachable' ? trouble : passingStatus(answer);
}
