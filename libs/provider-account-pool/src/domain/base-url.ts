import { hostFault } from '#ai-provider';

/**
 * Checks a base URL as typed by a person. Names are resolved, and the addresses checked, when a call is made: here only
 * what can be told from the text.
 *
 * @param privateUpstreams whether loopback and private ranges are fine (self-hosted models)
 * @returns what is wrong, for people, or `null`
 */
export function baseUrlFault(text: string, privateUpstreams: 'allow' | 'deny'): string | null {
  const url = text.length <= 2048 ? URL.parse(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password';
  if (url.search !== '' || url.hash !== '') return 'must not contain a query or a fragment';
  switch (hostFault(url.hostname, privateUpstreams)) {
    case 'metadata':
      return 'must not point to a link-local or cloud metadata address';
    case 'private':
      return 'must not point to a loopback or private address';
    case null:
      return null;
  }
}
