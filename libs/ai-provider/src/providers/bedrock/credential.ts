import { Secret } from '#kernel';
import type { AwsAccessKey } from '#secrets';
import { fillBaseUrl } from '../../request/base-url.js';
import {
  CredentialFault,
  credentialMembers,
  credentialReader,
  optionalLabel,
  optionalText,
  requiredText,
} from '../../request/structured-credential.js';

/** Who asks: a Bedrock API key or an access key; and in which region. */
export interface BedrockCredential {
  readonly identity: { readonly apiKey: Secret } | { readonly accessKey: AwsAccessKey };
  /** `null` where the base URL names it. */
  readonly region: string | null;
}

/**
 * Takes a credential apart: a bare Bedrock API key, or JSON with `apiKey`, or with `accessKeyId` and `secretAccessKey`.
 *
 * @throws CredentialFault
 */
export const bedrockCredential = credentialReader((text): BedrockCredential => {
  const members = credentialMembers(text);
  if (members === null) return { identity: { apiKey: new Secret(text) }, region: null };
  const region = optionalLabel(members, 'region');
  const apiKey = optionalText(members, 'apiKey');
  if (apiKey !== null) return { identity: { apiKey: new Secret(apiKey) }, region };
  const sessionToken = optionalText(members, 'sessionToken');
  const accessKey = {
    accessKeyId: requiredText(members, 'accessKeyId'),
    secretAccessKey: new Secret(requiredText(members, 'secretAccessKey')),
    sessionToken: sessionToken === null ? null : new Secret(sessionToken),
  };
  return { identity: { accessKey }, region };
});

/**
 * The base URL with the region filled in.
 *
 * @throws CredentialFault when neither tells it
 */
export const bedrockBaseUrl = (baseUrl: string, { region }: BedrockCredential): string =>
  fillBaseUrl(baseUrl, 'region', region);

/**
 * The region that a signature is for.
 *
 * @throws CredentialFault when neither the credential nor the base URL tells it
 */
export function regionOf(baseUrl: string, { region }: BedrockCredential): string {
  const told = region ?? /\/\/bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(baseUrl)?.[1];
  if (told === undefined) throw new CredentialFault('must have a "region", as the base URL names none');
  return told;
}
