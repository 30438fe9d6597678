import type { ProviderFailure } from '#kernel';
import type { ProviderAdapter, UpstreamRequest } from '../contract/provider-adapter.js';
import type { WholeAnswer } from './whole-answer.js';
import { withoutSecrets } from './without-secrets.js';

/** The provider's own words, in the caller's wire format, without the key they may repeat. */
export function toldError(
  { translation }: ProviderAdapter,
  said: WholeAnswer,
  failure: ProviderFailure,
  sent: UpstreamRequest,
): WholeAnswer {
  const told = withoutSecrets(said, sent);
  if (translation === undefined) return told;
  const headers = { ...told.headers, 'content-type': 'application/json' };
  return { ...told, headers, body: translation.error(failure.class, told.status, told.body) };
}
