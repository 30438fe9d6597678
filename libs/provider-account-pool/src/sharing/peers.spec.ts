import { describe, expect, it } from '@jest/globals';
import { Peers } from './peers.js';

describe('the other replicas', () => {
  it('are a thousand at most: one more is not listened to until another is gone', () => {
    const peers = new Peers();
    for (let id = 0; id < 1_000; id += 1) expect(peers.hear(String(id), 1, 0)).toBe('new');
    expect(peers.hear('one more', 1, 1_000)).toBe('stranger');
    expect(peers.count).toBe(1_000);
    expect(peers.hear('7', 2, 1_000)).toBe('next');
    expect(peers.takeGone(3_500)).toHaveLength(999);
    expect(peers.hear('one more', 2, 3_500)).toBe('new');
  });

  it('tell when messages were missed, and when one comes twice', () => {
    const peers = new Peers();
    peers.hear('a', 5, 0);
    expect(peers.hear('a', 6, 0)).toBe('next');
    expect(peers.hear('a', 9, 0)).toBe('gap');
    expect(peers.hear('a', 9, 0)).toBe('old');
    peers.drop('a');
    expect(peers.hear('a', 10, 0)).toBe('new');
  });
});
