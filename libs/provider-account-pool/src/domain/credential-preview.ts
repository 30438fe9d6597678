import { Secret } from '#kernel';

/** Names of things, not secrets. Whatever has another form may be a secret in the wrong member and is not shown. */
const serviceAccountEmail = /^[a-z0-9-]{1,63}@[a-z0-9.-]{1,160}\.gserviceaccount\.com$/;
const serviceAccountKeyId = /^[0-9a-f]{40}$/;
const awsAccessKeyId = /^A[KS]IA[A-Z0-9]{12,28}$/;

/**
 * What people may see to tell credentials apart. Of a bare key the last four characters; of JSON the email of a service account
 * with the end of its key id, the id of an AWS access key, or the last four characters of `apiKey`.
 *
 * @returns `…` when nothing of it can be shown; never part of a private key, a secret access key or a session token
 */
export function credentialPreview(credential: Secret): string {
  const text = credential.reveal();
  if (!text.trimStart().startsWith('{')) return credential.preview();
  const { client_email: email, private_key_id: keyId, accessKeyId, apiKey } = membersOf(text);
  if (matches(email, serviceAccountEmail)) {
    return matches(keyId, serviceAccountKeyId) ? `${email} …${keyId.slice(-4)}` : email;
  }
  if (matches(accessKeyId, awsAccessKeyId)) return accessKeyId;
  return typeof apiKey === 'string' ? new Secret(apiKey).preview() : '…';
}

const matches = (value: unknown, form: RegExp): value is string =>
  typeof value === 'string' && form.test(value);

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Why it is no JSON may quote it.
    return {};
  }
}
