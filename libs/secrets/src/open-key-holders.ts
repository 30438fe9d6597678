import type { AwsKmsSettings, GcpKmsSettings, NamedKey, VaultSettings } from '#config';
import { systemClock } from '#kernel';
import type { Logger } from '#observability';
import { AwsKmsClient } from './aws/aws-kms-client.js';
import { AwsKmsKeys } from './aws/aws-kms-keys.js';
import { gcpIdentity } from './gcp/gcp-identity.js';
import { GcpKmsClient } from './gcp/gcp-kms-client.js';
import { GcpKmsKeys } from './gcp/gcp-kms-keys.js';
import { HeldKeys } from './held-keys.js';
import type { KeyEncryptionKeys } from './key-encryption-keys.js';
import { Keyring } from './keyring.js';
import { loadKeyring } from './load-keyring.js';
import { LocalKeyEncryptionKeys } from './local-key-encryption-keys.js';
import { usualPatience } from './remote/patience.js';
import { proveUsable } from './remote/prove-usable.js';
import { TokenKeeper, usualAlarm } from './vault/token-keeper.js';
import { VaultClient } from './vault/vault-client.js';
import { VaultTransitKeys } from './vault/vault-transit-keys.js';

/** Who holds key-encryption keys. */
export interface KeyHolderOptions {
  /** Absolute directory of the key files. */
  readonly dataDir: string;
  /** `null`: from `keyring` in the data directory, generated at first start. */
  readonly encryptionKeys: readonly NamedKey[] | null;
  /** Who holds the primary key; default `local`. Others are asked for what their own keys sealed. */
  readonly keyEncryption?: 'local' | 'vault' | 'aws' | 'gcp';
  /** A key of Vault's Transit engine; default none. */
  readonly vault?: VaultSettings | null;
  /** A key of AWS KMS; default none. */
  readonly awsKms?: AwsKmsSettings | null;
  /** A key of Google Cloud KMS; default none. */
  readonly gcpKms?: GcpKmsSettings | null;
}

/**
 * Reaches every holder of keys there is. A remote one that has the primary key has to wrap and unwrap before anything else starts.
 *
 * @throws KeysUnreachable or another error saying whose key cannot be used, and why
 */
export async function openKeyHolders(options: KeyHolderOptions, logger: Logger): Promise<KeyEncryptionKeys> {
  const { dataDir, encryptionKeys: configured, keyEncryption = 'local' } = options;
  const { vault = null, awsKms = null, gcpKms = null } = options;
  const remote = [
    ...(vault === null ? [] : [{ kind: 'vault', keys: await openVault(vault, logger) }]),
    ...(awsKms === null ? [] : [{ kind: 'aws', keys: await openAws(awsKms) }]),
    ...(gcpKms === null ? [] : [{ kind: 'gcp', keys: await openGcp(gcpKms) }]),
  ];
  const primary = remote.find(({ kind }) => kind === keyEncryption);
  const others = remote.filter((holder) => holder !== primary).map(({ keys }) => keys);
  if (primary !== undefined) {
    const local = configured === null ? [] : [new LocalKeyEncryptionKeys(new Keyring(configured))];
    return new HeldKeys(await proveUsable(primary.keys), [...local, ...others]);
  }
  const purpose = 'Key-encryption keys: without them no stored provider credential can be read';
  const keyring = await loadKeyring({ configured, dataDir, fileName: 'keyring', purpose }, logger);
  const local = new LocalKeyEncryptionKeys(keyring);
  return others.length === 0 ? local : new HeldKeys(local, others);
}

async function openVault(
  { mount, name, ...place }: VaultSettings,
  logger: Logger,
): Promise<KeyEncryptionKeys> {
  const client = new VaultClient(place, usualPatience);
  // A role logs in again; only a token that was given has to be kept alive.
  const keeper = place.login.kind === 'token' ? new TokenKeeper(client, logger, usualAlarm) : null;
  const keys = await VaultTransitKeys.open(client, { mount, name }, keeper);
  await keeper?.look();
  return keys;
}

const nowMs = () => systemClock.nowMs();

function openAws({ key, ...place }: AwsKmsSettings): Promise<KeyEncryptionKeys> {
  return AwsKmsKeys.open(new AwsKmsClient(place, usualPatience, nowMs), key);
}

async function openGcp({ key, endpoint, login }: GcpKmsSettings): Promise<KeyEncryptionKeys> {
  return GcpKmsKeys.open(new GcpKmsClient(endpoint, await gcpIdentity(login), usualPatience, nowMs), key);
}
