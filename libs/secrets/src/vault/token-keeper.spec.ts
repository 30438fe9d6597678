import { describe, expect, it } from '@jest/globals';
import { KeysUnreachable } from '../key-encryption-keys.js';
import { TokenKeeper } from './token-keeper.js';
import type { VaultAnswer } from './vault-client.js';

/** A token of Vault as `lookup-self` and `renew-self` show it, and the keeper of it; the alarm rings when the test says so. */
class Bench {
  token = { ttl: 3_600, creation_ttl: 3_600, renewable: true };
  /** What a renewal comes to, seconds; `null`: Vault is away. */
  renewedFor: number | null = 3_600;
  renewals = 0;
  readonly warnings: string[] = [];
  readonly waits: number[] = [];
  cancelled = 0;
  private ring = (): void => undefined;
  readonly keeper = new TokenKeeper(
    { ask: (path) => this.answer(path) },
    { warn: (message) => void this.warnings.push(message), info: () => undefined },
    (afterMs, ring) => {
      this.waits.push(afterMs);
      this.ring = ring;
      return () => void (this.cancelled += 1);
    },
  );

  /** The alarm rings; resolves when the next is set. */
  async rings(): Promise<void> {
    const set = this.waits.length;
    this.ring();
    while (this.waits.length === set) await Promise.resolve();
  }

  private async answer(path: string): Promise<VaultAnswer> {
    if (path === 'auth/token/lookup-self') return { status: 200, data: this.token };
    this.renewals += 1;
    if (this.renewedFor === null) throw new KeysUnreachable('Vault cannot be reached: status 503');
    return { status: 200, data: { lease_duration: this.renewedFor, renewable: true } };
  }
}

describe('a token of Vault', () => {
  it('is renewed at half of its life, again and again', async () => {
    const bench = new Bench();
    await bench.keeper.look();
    bench.token.ttl = 1_800;
    await bench.rings();
    expect([bench.renewals, bench.waits, bench.warnings]).toEqual([2, [1_800_000, 1_800_000], []]);
    expect(bench.keeper.trouble).toBeNull();
  });

  it('without an end is left alone', async () => {
    const bench = new Bench();
    bench.token.ttl = 0;
    await bench.keeper.look();
    expect([bench.renewals, bench.waits]).toEqual([0, []]);
  });

  it.each([
    ['that cannot be renewed', { ttl: 600, creation_ttl: 3_600, renewable: false }, 3_600],
    ['at its greatest age', { ttl: 600, creation_ttl: 3_600, renewable: true }, 600],
  ])('%s is told once in the log, and as long as it is so', async (_, token, renewedFor) => {
    const bench = new Bench();
    Object.assign(bench, { token, renewedFor });
    await bench.keeper.look();
    await bench.rings();
    expect(bench.warnings).toEqual([expect.stringContaining('will end and cannot be renewed')]);
    expect(bench.keeper.trouble).toBe(bench.warnings[0]);
    expect(bench.waits).toEqual([300_000, 300_000]);
  });

  it('is tried again soon when Vault is away, and all is well once it is renewed', async () => {
    const bench = new Bench();
    bench.renewedFor = null;
    await bench.keeper.look();
    expect(bench.waits).toEqual([30_000]);
    expect(bench.keeper.trouble).toContain('status 503');
    bench.renewedFor = 3_600;
    await bench.rings();
    expect(bench.keeper.trouble).toBeNull();
  });

  it('is not looked after any more once the process stops', async () => {
    const bench = new Bench();
    await bench.keeper.look();
    bench.keeper.stop();
    await bench.keeper.look();
    expect([bench.waits.length, bench.cancelled]).toEqual([1, 1]);
  });
});
