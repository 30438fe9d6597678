import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LoopbackServer } from '../../../../test/support/loopback-server.js';

type Body = Readonly<Record<string, unknown>>;
type Answer = readonly [status: number, body: object];

/** What goes wrong with a request; `hang` gives no answer at all, `endless` one that never ends. */
export type VaultFault = 429 | 500 | 503 | 'hang' | 'drop' | 'nonsense' | 'endless';

const denied: Answer = [403, { errors: ['1 error occurred: permission denied'] }];
const refused = (why: string): Answer => [400, { errors: [why] }];
const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64');

/** The Transit engine and AppRole as Vault's HTTP API documents them, for keys of the type `aes256-gcm96`. */
export class FakeVault {
  readonly rootToken = `hvs.${randomUUID()}`;
  /** Ends after an hour unless it is renewed. */
  readonly periodicToken = `hvs.${randomUUID()}`;
  readonly roleId = randomUUID();
  readonly secretId = randomUUID();
  /** How the next requests go wrong, one each. */
  readonly faults: VaultFault[] = [];
  readonly asked: string[] = [];
  private readonly tokens = new Set([this.rootToken, this.periodicToken]);
  private readonly keys = new Map<string, { versions: Buffer[]; oldest: number }>();
  private readonly server = new LoopbackServer((request, response) => void this.serve(request, response));

  listen(): Promise<string> {
    return this.server.listen();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Makes a key, or another version of it. */
  rotate(name: string): void {
    const key = this.keys.get(name) ?? { versions: [], oldest: 1 };
    key.versions.push(randomBytes(32));
    this.keys.set(name, key);
  }

  /** Refuses older versions from now on. */
  setOldest(name: string, oldest: number): void {
    const key = this.keys.get(name);
    if (key !== undefined) key.oldest = oldest;
  }

  /** Ends every token that a login gave. */
  expireLogins(): void {
    this.tokens.clear();
    this.tokens.add(this.rootToken).add(this.periodicToken);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = await text(request);
    this.asked.push(request.url ?? '');
    const fault = this.faults.shift();
    if (fault === 'hang') return;
    if (fault === 'drop') return void request.socket.destroy();
    if (fault === 'endless') return void response.writeHead(200).write(`{"data":"${'a'.repeat(200_000)}`);
    if (fault === 'nonsense') return void response.writeHead(200).end('<html>');
    const [status, body] = fault === undefined ? this.answer(request, given) : [fault, { errors: [] }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private answer(request: IncomingMessage, given: string): Answer {
    const body = given === '' ? {} : (JSON.parse(given) as Body);
    if (request.url === '/v1/auth/approle/login') return this.login(body);
    if (!this.tokens.has(String(request.headers['x-vault-token']))) return denied;
    if (request.url?.startsWith('/v1/auth/token/') === true) {
      return this.ownToken(request.url, request.headers['x-vault-token'] === this.periodicToken);
    }
    const [, action, name = ''] =
      /^\/v1\/transit\/(keys|encrypt|decrypt)\/(.+)$/.exec(request.url ?? '') ?? [];
    const key = this.keys.get(name);
    if (key === undefined) return [action === 'keys' ? 404 : 400, { errors: ['encryption key not found'] }];
    const { versions, oldest } = key;
    if (action === 'keys') {
      return [200, { data: { latest_version: versions.length, min_decryption_version: oldest } }];
    }
    return action === 'encrypt' ? encrypt(versions, body) : decrypt(versions, oldest, body);
  }

  private ownToken(path: string, periodic: boolean): Answer {
    const seconds = periodic ? 3_600 : 0;
    if (path.endsWith('/lookup-self')) {
      return [200, { data: { ttl: seconds, creation_ttl: seconds, renewable: periodic } }];
    }
    return periodic
      ? [200, { auth: { lease_duration: seconds, renewable: true } }]
      : refused('lease is not renewable');
  }

  private login(body: Body): Answer {
    if (body['role_id'] !== this.roleId || body['secret_id'] !== this.secretId) {
      return refused('invalid role or secret ID');
    }
    const token = `hvs.${randomUUID()}`;
    this.tokens.add(token);
    return [200, { auth: { client_token: token, lease_duration: 3_600 } }];
  }
}

function encrypt(versions: readonly Buffer[], body: Body): Answer {
  const version = Number(body['key_version'] ?? versions.length);
  const key = versions[version - 1];
  if (key === undefined)
    return refused('requested version for encryption is higher than the latest key version');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bytesOf(body['associated_data']));
  const sealed = [nonce, cipher.update(bytesOf(body['plaintext'])), cipher.final(), cipher.getAuthTag()];
  const ciphertext = `vault:v${version}:${Buffer.concat(sealed).toString('base64')}`;
  return [200, { data: { ciphertext, key_version: version } }];
}

function decrypt(versions: readonly Buffer[], oldest: number, body: Body): Answer {
  const [, number = '', base64 = ''] = /^vault:v(\d+):(.*)$/.exec(String(body['ciphertext'])) ?? [];
  const key = versions[Number(number) - 1];
  if (key === undefined) return refused('invalid ciphertext: no prefix');
  if (Number(number) < oldest)
    return refused('ciphertext or signature version is disallowed by policy (too old)');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 28) return refused('invalid ciphertext: too short');
  const tagAt = bytes.length - 16;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAAD(bytesOf(body['associated_data'])).setAuthTag(bytes.subarray(tagAt));
  try {
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(12, tagAt)), decipher.final()]);
    return [200, { data: { plaintext: plaintext.toString('base64') } }];
  } catch {
    return refused('cipher: message authentication failed');
  }
}
