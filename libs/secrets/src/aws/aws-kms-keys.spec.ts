import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { KeysUnreachable } from '../key-encryption-keys.js';
import { HeldKeys } from '../held-keys.js';
import { keyEncryptionKeysContract } from '../key-encryption-keys.contract.js';
import { TestPatience } from '../remote/patience.fixture.js';
import { AwsKmsClient } from './aws-kms-client.js';
import { AwsKmsKeys } from './aws-kms-keys.js';
import { FakeAwsKms, type AwsFault } from './fake-aws-kms.fixture.js';

const kms = new FakeAwsKms();
let endpoint: string;

beforeAll(async () => {
  endpoint = await kms.listen();
});
afterAll(() => kms.close());
afterEach(() => void kms.faults.splice(0));

const open = (key: string, patience = new TestPatience(), accessKey = kms.accessKey): Promise<AwsKmsKeys> =>
  AwsKmsKeys.open(new AwsKmsClient({ endpoint, region: kms.region, accessKey }, patience, Date.now), key);
const made = (alias: string, patience?: TestPatience): Promise<AwsKmsKeys> =>
  open(kms.create(alias), patience);
const troubleOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof KeysUnreachable ? error.trouble : error),
  );

keyEncryptionKeysContract('AwsKmsKeys', {
  before: () => beforeChange(),
  after: async () => {
    const older = await beforeChange();
    return new HeldKeys(await made('alias/newer'), [older]);
  },
  foreign: () => made('alias/foreign'),
});

let kept: Promise<AwsKmsKeys> | null = null;
const beforeChange = (): Promise<AwsKmsKeys> => (kept ??= made('alias/older'));

describe('keys of AWS KMS', () => {
  const binding = Buffer.from('cell');

  it('are found by alias, id and ARN, and named by their id', async () => {
    const arn = kms.create('alias/named');
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    for (const name of ['alias/named', id, arn]) expect((await open(name)).primaryId).toBe(`aws.${id}`);
  });

  it.each<[string, AwsFault[]]>([
    ['throttling', [{ error: 'ThrottlingException' }, { error: 'com.amazonaws.kms#LimitExceededException' }]],
    [
      'errors',
      [
        { error: 'KMSInternalException', status: 500 },
        { error: 'nonsense', status: 503 },
      ],
    ],
    ['broken connections', ['drop', 'drop']],
  ])('are asked again after %s', async (_, faults) => {
    const patience = new TestPatience();
    const keys = await made('alias/patient', patience);
    const dataKey = randomBytes(32);
    kms.faults.push(...faults);
    expect(await keys.unwrap(await keys.wrap(dataKey, binding), binding)).toEqual(dataKey);
    expect(patience.waitedMs).toEqual([100, 400]);
  });

  it.each<[string, AwsFault[], string]>([
    ['throttles on', Array<AwsFault>(3).fill({ error: 'ThrottlingException' }), 'throttled'],
    ['is broken', Array<AwsFault>(3).fill({ error: 'KMSInternalException', status: 500 }), 'unreachable'],
    ['answers nonsense', ['nonsense'], 'unreachable'],
    ['answers without end', ['endless'], 'unreachable'],
    ['forbids it', [{ error: 'AccessDeniedException' }], 'denied'],
    ['refuses the token', [{ error: 'ExpiredTokenException' }], 'denied'],
    ['has disabled the key', [{ error: 'DisabledException' }], 'key_unusable'],
    ['is to delete the key', [{ error: 'KMSInvalidStateException' }], 'key_unusable'],
  ])('say what is in the way when KMS %s, and no damage', async (_, faults, trouble) => {
    const keys = await made('alias/away');
    const wrapped = await keys.wrap(randomBytes(32), binding);
    kms.faults.push(...faults);
    expect(await troubleOf(keys.unwrap(wrapped, binding))).toBe(trouble);
  });

  it('cannot be reached while KMS does not answer in time; that is told until it does', async () => {
    const patience = new TestPatience(200);
    const keys = await made('alias/slow', patience);
    kms.faults.push('hang', 'hang', 'hang');
    expect(await troubleOf(keys.wrap(randomBytes(32), binding))).toBe('unreachable');
    expect(keys.trouble).toBe('AWS KMS cannot be reached: TimeoutError');
    patience.atMs += 1_001;
    await keys.wrap(randomBytes(32), binding);
    expect(keys.trouble).toBeNull();
  });

  it('are refused to a wrong secret, and the words hold nothing of what was sent or answered', async () => {
    const arn = kms.create('alias/closed');
    const wrong = { ...kms.accessKey, secretAccessKey: new Secret('canary') };
    const error = await open(arn, new TestPatience(), wrong).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      trouble: 'denied',
      message: 'AWS KMS refuses DescribeKey: InvalidSignatureException (status 400)',
    });
  });

  it.each(['Disabled', 'PendingDeletion'] as const)('cannot be opened while the key is %s', async (state) => {
    kms.setState(kms.create('alias/off'), state);
    await expect(open('alias/off')).rejects.toThrow(`key "alias/off" of AWS KMS is ${state}`);
  });

  it('that do not exist are told', async () => {
    expect(await troubleOf(open('alias/nowhere'))).toBe('key_unusable');
  });
});
