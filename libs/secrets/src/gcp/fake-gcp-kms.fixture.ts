import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { jwtVerify } from 'jose';
import { LoopbackServer } from '../../../../test/support/loopback-server.js';

type Body = Readonly<Record<string, unknown>>;
type Answer = readonly [status: number, body: object];
interface Version {
  readonly material: Buffer;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
}

/** What goes wrong with a request: an error by its code, lost bytes, no answer, a broken connection, nonsense. */
export type GcpFault =
  { readonly error: string; readonly status: number } | 'lost-bytes' | 'hang' | 'drop' | 'nonsense';

const error = (status: number, code: string, message = `canary ${code}`): Answer => [
  status,
  { error: { code: status, message, status: code } },
];
const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64');
const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });

/** CRC-32C bit by bit, to check the one that is tested. */
function sumOf(bytes: Buffer): string {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return String(crc ^ 0xffffffffn);
}

/** Cloud KMS, the token service and the metadata server as Google's references document them. */
export class FakeGcpKms {
  readonly faults: GcpFault[] = [];
  readonly asked: string[] = [];
  private readonly tokens = new Set<string>();
  private readonly keys = new Map<string, Version[]>();
  private readonly server = new LoopbackServer((request, response) => void this.serve(request, response));
  private address = '';

  async listen(): Promise<string> {
    this.address = await this.server.listen();
    return this.address;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** The JSON of a service account whose tokens this server issues. */
  serviceAccount(privateKey = pair.privateKey): string {
    return JSON.stringify({
      type: 'service_account',
      client_email: 'gateway@acme.iam.gserviceaccount.com',
      private_key_id: 'key-1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: `${this.address}/token`,
    });
  }

  /** Makes a key, or another primary version of it. @returns its name */
  rotate(name: string): string {
    const key = `projects/acme/locations/eu/keyRings/pool/cryptoKeys/${name}`;
    const versions = this.keys.get(key) ?? [];
    versions.push({ material: randomBytes(32), state: 'ENABLED' });
    this.keys.set(key, versions);
    return key;
  }

  /** Of the newest version. */
  setState(key: string, state: Version['state']): void {
    const version = this.keys.get(key)?.at(-1);
    if (version !== undefined) version.state = state;
  }

  /** Ends every token. */
  expireTokens(): void {
    this.tokens.clear();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = await text(request);
    this.asked.push(request.url ?? '');
    const fault = this.faults.shift();
    if (fault === 'hang') return;
    if (fault === 'drop') return void request.socket.destroy();
    if (fault === 'nonsense') return void response.writeHead(200).end('<html>');
    const answer =
      typeof fault === 'object' ? error(fault.status, fault.error) : await this.answer(request, given);
    const shown = fault === 'lost-bytes' ? withLostBytes(answer[1]) : answer[1];
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(shown));
  }

  private async answer(request: IncomingMessage, given: string): Promise<Answer> {
    const { url = '', headers } = request;
    if (url === '/token') return this.tokenFor(new URLSearchParams(given).get('assertion') ?? '');
    if (url.startsWith('/computeMetadata/')) {
      return headers['metadata-flavor'] === 'Google' ? this.issue() : [403, {}];
    }
    if (!this.tokens.has(String(headers.authorization).replace('Bearer ', ''))) {
      return error(401, 'UNAUTHENTICATED');
    }
    const [, key = '', number, action] =
      /^\/v1\/(projects\/[^:]+?\/cryptoKeys\/[^/:]+)(?:\/cryptoKeyVersions\/(\d+))?(?::(\w+))?$/.exec(url) ??
      [];
    const versions = this.keys.get(key);
    if (versions === undefined) return error(404, 'NOT_FOUND');
    if (action === undefined) return [200, describe(key, versions)];
    const body = JSON.parse(given) as Body;
    const at = Number(number ?? versions.length);
    return action === 'encrypt' ? encrypt(key, at, versions[at - 1], body) : decrypt(versions, body);
  }

  private async tokenFor(assertion: string): Promise<Answer> {
    try {
      const audience = `${this.address}/token`;
      const issuer = 'gateway@acme.iam.gserviceaccount.com';
      await jwtVerify(assertion, pair.publicKey, { audience, issuer, algorithms: ['RS256'] });
      return this.issue();
    } catch {
      return [400, { error: 'invalid_grant', error_description: 'canary' }];
    }
  }

  private issue(): Answer {
    const token = randomUUID();
    this.tokens.add(token);
    return [200, { access_token: token, expires_in: 3_599, token_type: 'Bearer' }];
  }
}

const describe = (key: string, versions: readonly Version[]) => ({
  name: key,
  purpose: 'ENCRYPT_DECRYPT',
  primary: { name: `${key}/cryptoKeyVersions/${versions.length}`, state: versions.at(-1)?.state },
});

function checksumFault(body: Body, ...names: string[]): Answer | null {
  const wrong = names.find((name) => body[`${name}Crc32c`] !== sumOf(bytesOf(body[name])));
  return wrong === undefined
    ? null
    : error(400, 'INVALID_ARGUMENT', `The checksum in field ${wrong} did not match.`);
}

/** The first byte tells the version. */
function encrypt(key: string, at: number, version: Version | undefined, body: Body): Answer {
  const fault = checksumFault(body, 'plaintext', 'additionalAuthenticatedData');
  if (fault !== null) return fault;
  if (version?.state !== 'ENABLED') return error(400, 'FAILED_PRECONDITION');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', version.material, nonce);
  cipher.setAAD(bytesOf(body['additionalAuthenticatedData']));
  const sealed = [cipher.update(bytesOf(body['plaintext'])), cipher.final(), cipher.getAuthTag()];
  const ciphertext = Buffer.concat([Buffer.of(at), nonce, ...sealed]);
  return [
    200,
    {
      name: `${key}/cryptoKeyVersions/${at}`,
      ciphertext: ciphertext.toString('base64'),
      ciphertextCrc32c: sumOf(ciphertext),
      verifiedPlaintextCrc32c: true,
      verifiedAdditionalAuthenticatedDataCrc32c: true,
    },
  ];
}

function decrypt(versions: readonly Version[], body: Body): Answer {
  const fault = checksumFault(body, 'ciphertext', 'additionalAuthenticatedData');
  if (fault !== null) return fault;
  const bytes = bytesOf(body['ciphertext']);
  const version = versions[(bytes[0] ?? 0) - 1];
  if (version === undefined || bytes.length < 29) return error(400, 'INVALID_ARGUMENT');
  if (version.state !== 'ENABLED') return error(400, 'FAILED_PRECONDITION');
  const tagAt = bytes.length - 16;
  const decipher = createDecipheriv('aes-256-gcm', version.material, bytes.subarray(1, 13));
  decipher.setAAD(bytesOf(body['additionalAuthenticatedData'])).setAuthTag(bytes.subarray(tagAt));
  try {
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(13, tagAt)), decipher.final()]);
    return [200, { plaintext: plaintext.toString('base64'), plaintextCrc32c: sumOf(plaintext) }];
  } catch {
    return error(400, 'INVALID_ARGUMENT');
  }
}

/** What arrives is another key or text than what was summed up. */
function withLostBytes(body: object): object {
  const lost = randomBytes(32).toString('base64');
  return { ...body, ...('plaintext' in body ? { plaintext: lost } : { ciphertext: lost }) };
}
