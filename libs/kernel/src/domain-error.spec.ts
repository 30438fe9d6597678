import { describe, expect, it } from '@jest/globals';
import { DomainError } from './domain-error.js';

describe('a domain error', () => {
  const cause = new Error('connect ECONNREFUSED 10.0.0.7:5432');
  const error = new DomainError('storage_unavailable', 'The change was not made.', { cause });

  it('keeps what happened for the log out of the message for the caller', () => {
    expect(error.message).toBe('The change was not made.');
    expect(error.cause).toBe(cause);
    expect(String(error)).toBe('DomainError: The change was not made.');
  });

  it('carries its code and no details unless given', () => {
    expect(new DomainError('not_found', 'No such route.')).toMatchObject({ code: 'not_found', details: {} });
  });
});
