import { afterEach, describe, expect, it } from '@jest/globals';
import type { ApiKeySnapshot } from '#api-keys';
import { asId, DomainError } from '#kernel';
import { until } from '../../../../../test/support/until.js';
import { OpenCalls } from './open-calls.js';

/** A snapshot in which just these keys are in force. */
const keysOf = (...ids: string[]) => new Set(ids.map((id) => asId<'ApiKey'>(id)));
const keys = { inForce: keysOf('mine', 'yours') };
const nowMs = 1_000;
const calls = new OpenCalls({ nowMs: () => nowMs }, keys as unknown as ApiKeySnapshot);

afterEach(() => {
  keys.inForce = keysOf('mine', 'yours');
});

describe('calls under way', () => {
  it('are ended when their key is lost, and no others', async () => {
    const [mine, yours, root] = [
      calls.open(60_000, asId('mine')),
      calls.open(60_000, asId('yours')),
      calls.open(60_000, null),
    ];
    keys.inForce = keysOf('yours');
    await until(
      () => Promise.resolve(mine.abort.aborted),
      (aborted) => aborted,
    );
    expect(mine.abort.reason).toMatchObject({ code: 'invalid_api_key' });
    expect([yours.abort.aborted, root.abort.aborted]).toEqual([false, false]);
    for (const call of [mine, yours, root]) calls.close(call);
    calls.onApplicationShutdown();
  });

  it('do not begin with a key that was lost while the request was read', () => {
    keys.inForce = keysOf('yours');
    expect(() => calls.open(60_000, asId('mine'))).toThrow(DomainError);
  });
});
