import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { asId, CLOCK, DomainError, type AccountId, type ApiKeyId, type Clock } from '#kernel';
import { SealedTokens } from '#secrets';
import type { FoundObject } from './object-routes.js';

/** An upload that has begun, as its address tells. */
export interface UploadSession {
  /** Whose it is; `null`: the root key. */
  readonly owner: ApiKeyId | null;
  readonly accountId: AccountId;
  /** By which its provider knows it: the query of the provider's own address. */
  readonly query: string;
}

const purpose = 'address of an upload';
const place = '/upload/v1beta/files';
/** A provider gives an upload a week; nobody needs a day. */
const validMs = 86_400_000;
const longestQuery = 2_048;
const hostPattern = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * Addresses at which uploads that have begun go on. Providers give out their own, which lead past us; ours hold them sealed,
 * with the account and whose it is, so that any replica can go on. As with Google's, whoever has the address needs no key.
 */
@Injectable()
export class UploadAddresses {
  constructor(
    private readonly tokens: SealedTokens,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * An address of ours, as the client has reached us.
   *
   * @param told the provider's address
   * @throws DomainError `upstream_failed` when that is none, `invalid_request` when it cannot be told how we were reached
   */
  give(told: string, session: Omit<UploadSession, 'query'>, request: IncomingMessage): string {
    const url = URL.parse(told);
    if (url === null || !url.pathname.endsWith(place) || url.search.length > longestQuery) {
      throw new DomainError('upstream_failed', 'The provider named no address for the upload.');
    }
    const { owner, accountId } = session;
    const sealed = [owner, accountId, url.search, this.clock.nowMs() + validMs];
    const token = this.tokens.seal(purpose, JSON.stringify(sealed));
    return `${originOf(request)}${place}?upload_id=${token}&upload_protocol=resumable`;
  }

  /** @returns `null` for what is no address that was given out, or one whose time is over */
  read({ route, query }: FoundObject): UploadSession | null {
    const token = route.does === 'upload' ? new URLSearchParams(query).get('upload_id') : null;
    const text = token === null ? null : this.tokens.open(purpose, token);
    if (text === null) return null;
    // Only give() seals for this purpose.
    const [owner, accountId, search, endsAtMs] = JSON.parse(text) as [string | null, string, string, number];
    if (endsAtMs <= this.clock.nowMs()) return null;
    return {
      owner: owner === null ? null : asId<'ApiKey'>(owner),
      accountId: asId<'Account'>(accountId),
      query: search,
    };
  }
}

/**
 * As the client has reached us, before any proxy. Headers that a client invents lead nobody astray but itself.
 *
 * @throws DomainError `invalid_request`
 */
function originOf({ headers, socket }: IncomingMessage): string {
  const [proto = ''] = String(headers['x-forwarded-proto'] ?? '').split(',');
  const [forwarded = ''] = String(headers['x-forwarded-host'] ?? '').split(',');
  const host = forwarded.trim() || (headers.host ?? '');
  if (!hostPattern.test(host)) {
    throw new DomainError('invalid_request', 'The host that the request names is none.', { field: 'host' });
  }
  const isSecure = proto.trim().toLowerCase() === 'https' || (proto === '' && 'encrypted' in socket);
  return `${isSecure ? 'https' : 'http'}://${host}`;
}
