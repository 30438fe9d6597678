import { Injectable } from '@nestjs/common';
import type { ObjectKind } from '#ai-provider';
import { keptMs, Pins, type Pin } from '#ai-routing';
import type { Caller } from '#api-keys';
import { DomainError } from '#kernel';

/** Something a request names by its id at the provider. */
export interface ObjectReference {
  readonly kind: ObjectKind;
  readonly id: string;
  /** Where in the request, for errors. */
  readonly field: string;
}

/** Different things that one request may name: to name is to be asked whose they are, so none is left unlooked at. */
export const mostReferences = 1_000;

/** Of a request that names more than {@link mostReferences}. */
export function tooManyReferences(field?: string): DomainError {
  const text = `The request names more than ${mostReferences} files.`;
  return new DomainError('invalid_request', text, field === undefined ? {} : { field });
}

/** What callers may name by id, and the account that it binds their requests to. */
@Injectable()
export class ObjectBindings {
  constructor(private readonly pins: Pins) {}

  /**
   * The account that keeps all that a request names.
   *
   * @returns `undefined` for a request that names nothing
   * @throws DomainError `not_found` for what the caller has not made, `invalid_request` for things of different accounts;
   *   Error of the database when it is gone and something is not known without it
   */
  async of(references: readonly ObjectReference[], { apiKeyId: owner }: Caller): Promise<Pin | undefined> {
    let bound: Pin | undefined;
    for (const { kind, id, field } of references) {
      const pin = this.pins.known(kind, id, { owner }) ?? (await this.pins.find(kind, id, { owner }));
      if (pin === null) throw notFound(kind, id, field);
      if (bound !== undefined && bound.accountId !== pin.accountId) throw apart(bound, pin, field);
      bound = pin;
    }
    return bound;
  }
}

const words: Readonly<Record<ObjectKind, string>> = {
  files: 'file',
  anthropic_files: 'file',
  batches: 'batch',
  message_batches: 'batch',
  responses: 'response',
  gemini_files: 'file',
  gemini_caches: 'cached content',
};

/** The same for what never was, is forgotten, and belongs to another key. */
export function notFound(kind: ObjectKind, id: string, field?: string): DomainError {
  const text = `There is no ${words[kind]} '${id}'.`;
  return new DomainError('not_found', text, field === undefined ? {} : { field });
}

function apart(first: Pin, second: Pin, field: string): DomainError {
  const text = `'${first.id}' and '${second.id}' lie with different accounts of providers: one request cannot use both.`;
  return new DomainError('invalid_request', text, { field });
}

/** A pin for what a caller has just made. */
export function newPin(
  thing: Pick<Pin, 'kind' | 'id' | 'provider' | 'accountId' | 'owner'>,
  nowMs: number,
  body: Pin['body'] = null,
): Pin {
  return { ...thing, body, createdAtMs: nowMs, expiresAtMs: nowMs + keptMs[thing.kind] };
}
