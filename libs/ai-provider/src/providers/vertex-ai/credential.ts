import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fillBaseUrl } from '../../request/base-url.js';
import {
  CredentialFault,
  credentialMembers,
  credentialReader,
  optionalLabel,
  optionalText,
  requiredText,
} from '../../request/structured-credential.js';

/** The key of a service account, as the file that Google hands out holds it, with the location to use. */
export interface ServiceAccount {
  readonly project: string;
  readonly email: string;
  readonly keyId: string | null;
  readonly key: KeyObject;
  /** Who issues its tokens. */
  readonly tokenUri: string;
  /** `null` where the base URL names it, or else `global`. */
  readonly location: string | null;
}

/**
 * Takes the JSON of a service account apart, to which `location` may be added.
 *
 * @throws CredentialFault
 */
export const serviceAccount = credentialReader((text): ServiceAccount => {
  const members = credentialMembers(text);
  if (members === null) throw new CredentialFault('must be the JSON of a service account');
  const project = requiredText(members, 'project_id');
  const email = requiredText(members, 'client_email');
  return {
    project,
    email,
    keyId: optionalText(members, 'private_key_id'),
    key: rsaKey(requiredText(members, 'private_key')),
    tokenUri: optionalText(members, 'token_uri') ?? 'https://oauth2.googleapis.com/token',
    location: optionalLabel(members, 'location'),
  };
});

function rsaKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // What is wrong with it may quote it.
  }
  throw new CredentialFault('must have an RSA key in PEM as "private_key"');
}

/** Where calls of this account go: its own location, that of the base URL, or `global`. */
export const locationOf = (baseUrl: string, { location }: ServiceAccount): string =>
  location ?? /^https?:\/\/([a-z0-9-]+)-aiplatform\./.exec(baseUrl)?.[1] ?? 'global';

/** The base URL with the location filled in; the global endpoint has none in its name. */
export function vertexBaseUrl(baseUrl: string, account: ServiceAccount): string {
  const location = locationOf(baseUrl, account);
  return location === 'global'
    ? baseUrl.replace('{location}-', '')
    : fillBaseUrl(baseUrl, 'location', location);
}
