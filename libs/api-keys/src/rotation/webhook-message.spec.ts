import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { signedMessage, waitAfterMs } from './webhook-message.js';

describe('a signed message', () => {
  it('is signed over its id, the time in whole seconds and its body, by the bytes that the secret stands for', () => {
    const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const { headers, body } = signedMessage(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      { test: 2432232314 },
      secret,
      1_614_265_330_999,
    );
    expect(body).toBe('{"test":2432232314}');
    const signed = `msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.${body}`;
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(headers).toMatchObject({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    });
  });
});

describe('deliveries in vain', () => {
  it('are tried again later and later, by chance not all at once, and given up in the end', () => {
    const waits = Array.from({ length: 12 }, (_, at) => waitAfterMs(at + 1, 0.5));
    expect(waits.slice(0, 3)).toEqual([30_000, 60_000, 120_000]);
    expect(waits.slice(7, 11)).toEqual([3_600_000, 3_600_000, 3_600_000, 3_600_000]);
    expect(waits.at(-1)).toBeNull();
    expect([waitAfterMs(1, 0), waitAfterMs(1, 1)]).toEqual([24_000, 36_000]);
  });
});
