import { describe, expect, it } from '@jest/globals';
import type { Client } from './clients.js';
import { sendTraffic } from './send-traffic.js';

const never = new AbortController().signal;
const nothing = (): void => undefined;

function client(name: string, answer: () => Promise<string>): Client {
  return { name, plain: answer, streamed: answer };
}

describe('sendTraffic', () => {
  it('lets each client ask plain and streamed in turn, never more at once than allowed', async () => {
    const [a, b] = [client('a', answer), client('b', answer)];
    let underWay = 0;
    let peak = 0;
    async function answer(): Promise<string> {
      peak = Math.max(peak, ++underWay);
      await Promise.resolve();
      underWay--;
      return 'text';
    }
    const done: number[] = [];
    const traffic = await sendTraffic([a, b], { calls: 8, concurrency: 3 }, never, (count) =>
      done.push(count),
    );
    expect(traffic).toMatchObject({ calls: 8, plain: 4, streamed: 4, errors: [] });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(peak).toBe(3);
  });

  it('takes an error and an empty answer for failed calls, and goes on', async () => {
    const clients = [
      client('broken', () => Promise.reject(new Error('500'))),
      client('mute', () => Promise.resolve('')),
      client('fine', () => Promise.resolve('text')),
    ];
    const { errors } = await sendTraffic(clients, { calls: 3, concurrency: 1 }, never, nothing);
    expect(errors).toEqual(['broken, plain: 500', 'mute, plain: an answer without text']);
  });

  it('stops when it is interrupted, even while a call hangs', async () => {
    const interruption = new AbortController();
    const hanging = client('hanging', () => new Promise(nothing));
    const traffic = sendTraffic([hanging], { calls: 2, concurrency: 1 }, interruption.signal, nothing);
    interruption.abort(new Error('Ctrl-C'));
    await expect(traffic).rejects.toThrow('Ctrl-C');
  });
});
