import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';
import { Secret } from '#kernel';
import type { AwsAccessKey } from './signed-request.js';
import { LoopbackServer } from '../../../../test/support/loopback-server.js';

type Body = Readonly<Record<string, unknown>>;
type Answer = readonly [status: number, body: object];
interface Key {
  readonly id: string;
  readonly material: Buffer;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
}

/** What goes wrong with a request: an error by its name, no answer, a broken connection, an answer without end or sense. */
export type AwsFault =
  { readonly error: string; readonly status?: number } | 'hang' | 'drop' | 'endless' | 'nonsense';

const region = 'eu-central-1';
const error = (name: string, status = 400): Answer => [status, { __type: name, message: `canary ${name}` }];
const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64');

/**
 * AWS KMS as its API reference documents it, for symmetric keys: JSON 1.1, and every request must have a signature that an
 * independent signer makes too.
 */
export class FakeAwsKms {
  readonly accessKey: AwsAccessKey = {
    accessKeyId: 'AKIAFAKE',
    secretAccessKey: new Secret(randomUUID()),
    sessionToken: new Secret(randomUUID()),
  };
  readonly region = region;
  readonly faults: AwsFault[] = [];
  readonly asked: string[] = [];
  private readonly keys = new Map<string, Key>();
  private readonly server = new LoopbackServer((request, response) => void this.serve(request, response));

  listen(): Promise<string> {
    return this.server.listen();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Makes a key and points the alias to it. @returns its ARN */
  create(alias: string): string {
    const key: Key = { id: randomUUID(), material: randomBytes(32), state: 'Enabled' };
    const arn = `arn:aws:kms:${region}:123456789012:key/${key.id}`;
    for (const name of [alias, key.id, arn]) this.keys.set(name, key);
    return arn;
  }

  setState(name: string, state: Key['state']): void {
    const key = this.keys.get(name);
    if (key !== undefined) key.state = state;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = await text(request);
    const action = String(request.headers['x-amz-target']).replace('TrentService.', '');
    this.asked.push(action);
    const fault = this.faults.shift();
    if (fault === 'hang') return;
    if (fault === 'drop') return void request.socket.destroy();
    if (fault === 'nonsense') return void response.writeHead(200).end('<html>');
    if (fault === 'endless') return void response.writeHead(200).write(`{"a":"${'a'.repeat(100_000)}`);
    const signed = await this.isSigned(request, given);
    const answer = !signed
      ? error('InvalidSignatureException')
      : fault === undefined
        ? this.answer(action, JSON.parse(given) as Body)
        : error(fault.error, fault.status);
    response.writeHead(answer[0], { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer[1]));
  }

  private async isSigned({ method, url, headers }: IncomingMessage, body: string): Promise<boolean> {
    const { host = '', authorization } = headers;
    const token = this.accessKey.sessionToken?.reveal();
    if (headers['x-amz-security-token'] !== token || token === undefined) return false;
    const signer = new AwsV4Signer({
      method: method ?? '',
      url: `http://${host}${url ?? ''}`,
      headers: {
        'content-type': headers['content-type'] ?? '',
        'x-amz-target': String(headers['x-amz-target']),
      },
      body,
      accessKeyId: this.accessKey.accessKeyId,
      secretAccessKey: this.accessKey.secretAccessKey.reveal(),
      sessionToken: token,
      region,
      service: 'kms',
      datetime: String(headers['x-amz-date']),
      allHeaders: true,
    });
    return (await signer.authHeader()) === authorization;
  }

  private answer(action: string, body: Body): Answer {
    const key = this.keys.get(String(body['KeyId']));
    if (key === undefined) return error('com.amazonaws.kms#NotFoundException');
    if (action === 'DescribeKey') return [200, { KeyMetadata: describe(key) }];
    if (key.state === 'Disabled') return error('DisabledException');
    if (key.state === 'PendingDeletion') return error('KMSInvalidStateException');
    const context = Buffer.from(JSON.stringify(body['EncryptionContext'] ?? {}));
    return action === 'Encrypt' ? encrypt(key, context, body) : decrypt(key, context, body);
  }
}

const describe = ({ id, state }: Key) => ({
  KeyId: id,
  Arn: `arn:aws:kms:${region}:123456789012:key/${id}`,
  KeyState: state,
  Enabled: state === 'Enabled',
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeySpec: 'SYMMETRIC_DEFAULT',
});

function encrypt({ id, material }: Key, context: Buffer, body: Body): Answer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material, nonce).setAAD(context);
  const parts = [nonce, cipher.update(bytesOf(body['Plaintext'])), cipher.final(), cipher.getAuthTag()];
  return [
    200,
    {
      CiphertextBlob: Buffer.concat(parts).toString('base64'),
      KeyId: describe({ id, material, state: 'Enabled' }).Arn,
    },
  ];
}

function decrypt({ material }: Key, context: Buffer, body: Body): Answer {
  const bytes = bytesOf(body['CiphertextBlob']);
  if (bytes.length === 0) return error('ValidationException');
  if (bytes.length < 28) return error('InvalidCiphertextException');
  const tagAt = bytes.length - 16;
  const decipher = createDecipheriv('aes-256-gcm', material, bytes.subarray(0, 12));
  decipher.setAAD(context).setAuthTag(bytes.subarray(tagAt));
  try {
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(12, tagAt)), decipher.final()]);
    return [200, { Plaintext: plaintext.toString('base64') }];
  } catch {
    return error('InvalidCiphertextException');
  }
}
