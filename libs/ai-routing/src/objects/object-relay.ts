import { Injectable } from '@nestjs/common';
import { UpstreamClient, type CallSignal, type ModelCall, type UpstreamAnswer } from '#ai-provider';
import { DomainError, isCallersFault, type ProviderFailure } from '#kernel';
import { ObjectAccounts, type ObjectAccount } from '#provider-account-pool';
import { mayTryAgain } from '../fail-over.js';
import type { AnsweredBy, RelayAnswer } from '../relay-contract.js';

/** A call for something that a provider keeps. */
export interface ObjectRequest {
  /** With {@link ModelCall.object}. */
  readonly call: ModelCall;
  /** Whom to ask, in order; of more than three only the first three. */
  readonly accounts: readonly ObjectAccount[];
  readonly signal: CallSignal;
}

type Failed = Extract<UpstreamAnswer, { kind: 'failed' }>;

const mostAttempts = 3;

/**
 * Relays calls for what providers keep. They take nothing of the limits of models, leave no usage record, and go to another
 * account only when the provider surely did nothing.
 */
@Injectable()
export class ObjectRelay {
  constructor(
    private readonly upstream: UpstreamClient,
    private readonly accounts: ObjectAccounts,
  ) {}

  /** Never rejects for anything a provider or a caller did. */
  async relay({ call, accounts, signal }: ObjectRequest): Promise<RelayAnswer> {
    let attempts = 0;
    let by: AnsweredBy = { attempts, provider: null, accountId: null };
    let last: Failed | null = null;
    for (const account of accounts.slice(0, mostAttempts)) {
      attempts += 1;
      const { provider, accountId, adapter, target } = account;
      by = { attempts, provider, accountId };
      const answer = await this.upstream.send({ adapter, call, target }, signal);
      if (answer.kind === 'complete') {
        const { status, headers, body } = answer;
        return { kind: 'complete', status, headers, body, by };
      }
      if (answer.kind === 'stream') {
        const { status, headers, stream } = answer;
        return { kind: 'stream', status, headers, by, pipe: (sink) => stream.pipe(sink) };
      }
      if (answer.kind === 'aborted') return aborted(signal, by);
      last = answer;
      if (answer.failure.class === 'authentication') this.accounts.noteRefusedKey(accountId, answer.failure);
      if (!goesOn(answer, call)) break;
    }
    return lastWord(last, by);
  }
}

function goesOn({ failure, answer }: Failed, call: ModelCall): boolean {
  if (call.upload?.isSpent === true || (isCallersFault(failure.class) && answer !== null)) return false;
  const verdict = mayTryAgain(call.operation, failure.class);
  return verdict === 'free' || verdict === 'budgeted';
}

function aborted({ reason }: CallSignal, by: AnsweredBy): RelayAnswer {
  return reason instanceof DomainError ? { kind: 'refused', error: reason, by } : { kind: 'client_gone' };
}

function lastWord(failed: Failed | null, by: AnsweredBy): RelayAnswer {
  if (failed === null) return { kind: 'refused', error: noAccount(), by };
  const { failure, answer } = failed;
  if (isCallersFault(failure.class) && answer !== null) {
    const status = answer.status < 400 ? 400 : answer.status;
    return { kind: 'complete', status, headers: answer.headers, body: answer.body, by };
  }
  return { kind: 'refused', error: refusal(failure), by };
}

function refusal({ class: failure, retryAfterMs }: ProviderFailure): DomainError {
  switch (failure) {
    case 'rate_limited':
      return new DomainError('pool_exhausted', 'The provider takes no more such requests now.', {
        retryAfterSeconds: Math.max(1, Math.ceil((retryAfterMs ?? 0) / 1000)),
      });
    case 'timeout':
      return new DomainError('upstream_timeout', 'The provider did not answer in time.');
    case 'authentication':
    case 'permission':
    case 'quota_exhausted':
      return noAccount();
    default:
      return new DomainError('upstream_failed', 'The provider failed.');
  }
}

const noAccount = (): DomainError =>
  new DomainError('pool_unavailable', 'No account is available for this request.');
