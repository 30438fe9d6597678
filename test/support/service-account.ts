import { generateKeyPairSync } from 'node:crypto';

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });

/** The key of {@link aServiceAccount}, to check what it has signed. */
export const serviceAccountKey = pair.publicKey;

/** The JSON that Google hands out for a service account, made up. */
export const aServiceAccount = (changes: object = {}): string =>
  JSON.stringify({
    type: 'service_account',
    project_id: 'acme-1',
    private_key_id: 'key-1',
    private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'gateway@acme-1.iam.gserviceaccount.com',
    token_uri: 'https://oauth2.googleapis.com/token',
    ...changes,
  });
