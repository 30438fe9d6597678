import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { GcpKmsSettings } from '#config';
import { Secret } from '#kernel';
import { KeysUnreachable } from '../key-encryption-keys.js';
import type { RemoteAnswer, RemoteRequest, RemoteService } from '../remote/remote-service.js';
import type { ExpiringToken } from '../remote/token-store.js';
import { serviceAccountAssertion, type AssertingAccount } from './service-account-assertion.js';

/** How a process shows Google who it is: gives a fresh token each time. */
export type GcpIdentity = (service: RemoteService, nowMs: number) => Promise<ExpiringToken>;

/**
 * Reads who this process is.
 *
 * @throws Error naming the file of the service account when it cannot be read or is none
 */
export async function gcpIdentity(login: GcpKmsSettings['login']): Promise<GcpIdentity> {
  if (login.kind === 'metadata')
    return (service, nowMs) => issued(service, () => atMetadata(login.host), nowMs);
  const account = await readServiceAccount(login.path);
  return (service, nowMs) => issued(service, () => byAssertion(account, nowMs), nowMs);
}

const atMetadata = (host: string): RemoteRequest => ({
  method: 'GET',
  url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`,
  headers: { 'metadata-flavor': 'Google' },
  body: null,
});

async function byAssertion(account: AssertingAccount, nowMs: number): Promise<RemoteRequest> {
  return {
    method: 'POST',
    url: account.tokenUri,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(await serviceAccountAssertion(account, nowMs)).toString(),
  };
}

async function issued(
  service: RemoteService,
  make: () => RemoteRequest | Promise<RemoteRequest>,
  nowMs: number,
): Promise<ExpiringToken> {
  const { status, body }: RemoteAnswer = await service.ask(make);
  const { access_token: token, expires_in: seconds } = body;
  if (status !== 200 || typeof token !== 'string' || token === '') {
    throw new KeysUnreachable(`Google gave no token (status ${status})`, 'denied');
  }
  return { token: new Secret(token), expiresAtMs: nowMs + (Number(seconds) || 0) * 1_000 };
}

async function readServiceAccount(path: string): Promise<AssertingAccount> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`GOOGLE_APPLICATION_CREDENTIALS: ${path} cannot be read (${error.code ?? 'unknown'})`);
  });
  try {
    const members = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { client_email: email, private_key: pem, private_key_id: keyId, token_uri: tokenUri } = members;
    const key = createPrivateKey(String(pem));
    if (key.asymmetricKeyType === 'rsa' && typeof email === 'string') {
      return {
        email,
        key,
        keyId: typeof keyId === 'string' ? keyId : null,
        tokenUri: typeof tokenUri === 'string' ? tokenUri : 'https://oauth2.googleapis.com/token',
      };
    }
  } catch {
    // What is wrong with it may quote it.
  }
  throw new Error(`GOOGLE_APPLICATION_CREDENTIALS: ${path} is not the JSON of a service account's key`);
}
