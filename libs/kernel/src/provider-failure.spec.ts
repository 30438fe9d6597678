import { expect, it } from '@jest/globals';
import { failureClasses, isCallersFault } from './provider-failure.js';

it('six failure classes are the fault of the caller and mark no account', () => {
  expect(failureClasses.filter(isCallersFault)).toEqual([
    'invalid_request',
    'context_length',
    'content_policy',
    'payload_too_large',
    'not_found',
    'conflict',
  ]);
});
