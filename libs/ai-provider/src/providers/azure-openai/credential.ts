import { Secret } from '#kernel';
import type { JsonRecord } from '../../json-value.js';
import { fillBaseUrl } from '../../request/base-url.js';
import {
  credentialMembers,
  credentialReader,
  optionalLabel,
  optionalText,
  requiredText,
} from '../../request/structured-credential.js';

/** An application registered with Entra ID. */
export interface EntraApplication {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Who issues its tokens: the base URL of Entra ID in its cloud. */
  readonly authority: string;
  /** What its tokens are good for. */
  readonly scope: string;
}

/** Who asks: a key of a resource or an application that may use it; and where that resource is. */
export interface AzureCredential {
  readonly identity: { readonly apiKey: Secret } | { readonly application: EntraApplication };
  /** The name of the resource; `null` where the base URL names it. */
  readonly resource: string | null;
  /** `null` for what each surface takes for granted. */
  readonly apiVersion: string | null;
}

/**
 * Takes a credential apart: a bare key, or JSON with `apiKey`, or with `tenantId`, `clientId` and `clientSecret`.
 *
 * @throws CredentialFault
 */
export const azureCredential = credentialReader((text): AzureCredential => {
  const members = credentialMembers(text);
  if (members === null) return { identity: { apiKey: new Secret(text) }, resource: null, apiVersion: null };
  const apiKey = optionalText(members, 'apiKey');
  return {
    identity: apiKey === null ? { application: applicationOf(members) } : { apiKey: new Secret(apiKey) },
    resource: optionalLabel(members, 'resource'),
    apiVersion: optionalText(members, 'apiVersion'),
  };
});

/**
 * The base URL with the name of the resource filled in.
 *
 * @throws CredentialFault when neither tells it
 */
export const azureBaseUrl = (baseUrl: string, { resource }: AzureCredential): string =>
  fillBaseUrl(baseUrl, 'resource', resource);

const applicationOf = (members: JsonRecord): EntraApplication => ({
  tenantId: requiredText(members, 'tenantId'),
  clientId: requiredText(members, 'clientId'),
  clientSecret: new Secret(requiredText(members, 'clientSecret')),
  authority: optionalText(members, 'authority') ?? 'https://login.microsoftonline.com',
  scope: optionalText(members, 'scope') ?? 'https://cognitiveservices.azure.com/.default',
});
