import { Injectable } from '@nestjs/common';
import type { ObjectKind } from '#ai-provider';
import type { Pin } from '#ai-routing';
import type { Caller } from '#api-keys';
import { DomainError } from '#kernel';
import { ObjectAccounts, type ObjectAccount } from '#provider-account-pool';
import type { ObjectRoute } from './object-routes.js';

/** Whose pool is meant when several keep such things and none is named: that of the maker of the wire format. */
const homes: Readonly<Partial<Record<ObjectRoute['wireFormat'], string>>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
};

/** With which account a thing lies, or is to be put. */
@Injectable()
export class ObjectPlaces {
  constructor(private readonly accounts: ObjectAccounts) {}

  /**
   * The provider for something new: the one the caller names, else the home of the wire format, else the only one there is.
   *
   * @param named `x-pool-provider`
   * @param caller who may reach certain providers only, and hears of no others
   * @throws DomainError `invalid_request` for one that keeps no such things, or when it must be named;
   *   `pool_unavailable` when there is none
   */
  providerFor({ kind, wireFormat }: ObjectRoute, named: string | undefined, { permit }: Caller): string {
    const all = this.accounts.pools(kind);
    const pools = permit === null ? all : all.filter((name) => permit.reachesProvider(name));
    if (named !== undefined) {
      if (pools.includes(named)) return named;
      throw choose(`'${named}' is no provider that keeps ${wordsFor(kind)} in this wire format.`);
    }
    const home = homes[wireFormat];
    if (home !== undefined && pools.includes(home)) return home;
    const [only, ...others] = pools;
    if (only === undefined) {
      throw new DomainError('pool_unavailable', `No provider is configured that keeps ${wordsFor(kind)}.`);
    }
    if (others.length === 0) return only;
    throw choose(`Several providers keep ${wordsFor(kind)}: name one in the header x-pool-provider.`);
  }

  /** Whether a provider keeps things of a kind. */
  keeps(provider: string, kind: ObjectKind): boolean {
    return this.accounts.pools(kind).includes(provider);
  }

  /** Whom to ask for something new, in order. */
  candidates(provider: string, kind: ObjectKind): readonly ObjectAccount[] {
    return this.accounts.candidates(provider, kind);
  }

  /** @throws DomainError `pool_unavailable` when the account that keeps the thing is gone or off */
  holder(
    { accountId, kind, id }: Pick<Pin, 'accountId' | 'kind' | 'id'>,
    wanted: ObjectKind = kind,
  ): ObjectAccount {
    const holder = this.accounts.holder(accountId, wanted);
    if (holder !== null) return holder;
    throw new DomainError('pool_unavailable', `The account that keeps '${id}' is not available.`);
  }
}

const wordsFor = (kind: ObjectKind): string => kind.replace(/^(anthropic|gemini)_/, '').replace('_', ' ');

const choose = (text: string): DomainError =>
  new DomainError('invalid_request', text, { field: 'x-pool-provider' });
