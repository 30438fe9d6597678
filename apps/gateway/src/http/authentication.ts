import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  AddressPolicy,
  ApiKeyVerifier,
  extractPresentedKey,
  formatIpAddress,
  type Caller,
  type IpAddress,
  type PresentedKey,
} from '#api-keys';
import { DomainError, type ApiKeyId } from '#kernel';
import { ClientAddresses } from './client-addresses.js';
import { FailedKeys } from './failed-keys.js';
import { wireFormatOf } from './wire-format-of.js';

/** What load balancers ask, from wherever they are. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Finds out who sends a request, and from where, before a byte of its body is read. */
@Injectable()
export class Authentication {
  constructor(
    private readonly verifier: ApiKeyVerifier,
    private readonly policy: AddressPolicy,
    private readonly addresses: ClientAddresses,
    private readonly failures: FailedKeys,
  ) {}

  /**
   * Who makes a call of the data plane.
   *
   * @param holder who makes it where no key is presented: something sealed for the holder of this key is
   * @throws DomainError `ip_not_allowed`, `invalid_api_key`, `insufficient_scope`, `rate_limit_exceeded` for too many wrong keys
   */
  callerOf(request: IncomingMessage, holder: ApiKeyId | null = null): Caller {
    const caller = this.keyHolder(request, holder);
    if (caller.scopes.has('call')) return caller;
    throw new DomainError(
      'insufficient_scope',
      "The API key lacks the scope 'call'.",
      known(caller.apiKeyId),
    );
  }

  /** Where a request comes from, as people read it; `null` when it cannot be told. */
  addressOf(request: IncomingMessage): string | null {
    const address = this.addresses.of(request);
    return address === null ? null : formatIpAddress(address);
  }

  /** Lets only known keys past. Admin routes declare the scope they need; what needs no key is for every allowed address. */
  guard(fastify: FastifyInstance): void {
    fastify.decorateRequest('caller', null);
    fastify.decorateRequest('clientAddress', null);
    fastify.addHook('onRequest', (request, _reply, done) => {
      try {
        request.clientAddress = this.addresses.of(request.raw);
        request.caller = this.admit(request);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }

  private admit(request: FastifyRequest): Caller | null {
    if (wireFormatOf(request) !== null) return this.callerOf(request.raw);
    if (request.url.startsWith('/admin/')) return this.keyHolder(request.raw);
    const [path = ''] = request.url.split('?', 1);
    if (!probes.has(path)) this.policy.admit(request.clientAddress);
    return null;
  }

  private keyHolder(request: IncomingMessage, holder: ApiKeyId | null = null): Caller {
    let address: IpAddress | null | undefined;
    if (!this.policy.isOpenToAll) this.policy.admit((address = this.addresses.of(request)));
    const presented = extractPresentedKey(request.headers);
    const caller = this.verified(presented, holder);
    if (caller === null) throw this.wrongKey(presented, request);
    // A secret that a person chose may be guessed; generated ones are not.
    if (caller.apiKeyId === null && this.failures.size > 0)
      this.failures.refuseBlocked(this.addresses.of(request));
    if (caller.addresses !== null) {
      this.policy.admitCaller(caller, address === undefined ? this.addresses.of(request) : address);
    }
    return caller;
  }

  /** A key that is known is named, for the audit log. @throws DomainError `rate_limit_exceeded` after too many wrong ones */
  private wrongKey(presented: PresentedKey, request: IncomingMessage): DomainError {
    if (presented.kind !== 'presented') return new DomainError('invalid_api_key', refusals[presented.kind]);
    const owner = this.verifier.ownerOfRefused(presented.key);
    const wrong = new DomainError('invalid_api_key', refusals.presented, known(owner));
    this.failures.note(this.addresses.of(request), wrong);
    return wrong;
  }

  private verified(presented: PresentedKey, holder: ApiKeyId | null): Caller | null {
    if (presented.kind === 'presented') return this.verifier.verify(presented.key);
    return presented.kind === 'missing' && holder !== null ? this.verifier.holder(holder) : null;
  }
}

const known = (apiKeyId: string | null): { readonly apiKeyId?: string } =>
  apiKeyId === null ? {} : { apiKeyId };

/** A key that is malformed, unknown, revoked or expired is refused in the same words: which it is, is nobody's business. */
const refusals: Readonly<Record<PresentedKey['kind'], string>> = {
  missing: 'No API key was sent: use Authorization: Bearer, x-api-key or x-goog-api-key.',
  ambiguous: 'Two different API keys were sent.',
  presented: 'The API key is not valid.',
};
