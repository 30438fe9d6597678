import { describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import { anAccount, anAsk, noLimits, PoolInTime, seeded, usage } from '../../test-support/a-pool.js';
import type { AccountSpec } from '../account.js';
import type { AccountPool } from '../account-pool.js';
import type { PooledGroup } from '../pooled-account.js';
import type { Reservation } from '../reservation.js';

const limit = 600_000;
const everyMs = 50;
const answerMs = 800;

const told = (remaining: number): LimitReading => ({
  unit: 'tokens',
  window: 'minute',
  limit,
  remaining,
  resetAtMs: null,
});

function groupsOf({ accounts }: AccountPool): string[] {
  const groups = new Set(accounts.flatMap(({ group }) => group ?? []));
  const idsOf = ({ members }: PooledGroup): string =>
    members
      .map(({ id }) => id)
      .sort()
      .join();
  return [...groups].map(idsOf).sort();
}

/** A provider that limits whoever it likes as one, and the pool in front of it. */
class Provider {
  readonly pool: PoolInTime;
  readonly random = seeded(11);
  private readonly left = new Map<string, number>();
  private readonly underWay: {
    readonly call: Reservation;
    readonly endsMs: number;
    readonly remaining: number;
    readonly tokens: number;
  }[] = [];

  /** @param limitedWith name of what limits an account; an equal one is one limit */
  constructor(
    specs: readonly AccountSpec[],
    public limitedWith: (id: string) => string,
    /** Tokens a minute that somebody else uses of every limit. */
    private readonly outsidePerMinute = 0,
  ) {
    this.pool = new PoolInTime(specs);
  }

  get accounts(): AccountPool['accounts'] {
    return this.pool.pool.accounts;
  }

  /** Ids of the members of each group there is. */
  get groups(): string[] {
    return groupsOf(this.pool.pool);
  }

  /** As much traffic as one limit of four refills, for so long. */
  run(seconds: number): this {
    for (let spent = 0; spent < seconds * 1_000; spent += everyMs) {
      this.pool.pass(everyMs);
      this.refill();
      this.send();
      this.answer();
    }
    return this;
  }

  private refill(): void {
    const outside = this.random() < 0.1 ? 10 * this.outsidePerMinute : 0;
    for (const [name, left] of this.left) {
      this.left.set(name, Math.min(limit, left + ((limit - outside) * everyMs) / 60_000));
    }
  }

  private send(): void {
    const tokens = Math.ceil(100 + 3_800 * this.random() ** 2);
    const decision = this.pool.select(anAsk({ inputTokens: tokens, outputTokens: 0 }));
    if (decision.kind === 'refused') return;
    const name = this.limitedWith(decision.reservation.accountId);
    const remaining = Math.max(0, (this.left.get(name) ?? limit) - tokens);
    this.left.set(name, remaining);
    this.underWay.push({ call: decision.reservation, endsMs: this.pool.nowMs + answerMs, remaining, tokens });
  }

  private answer(): void {
    for (
      let [first] = this.underWay;
      first !== undefined && first.endsMs <= this.pool.nowMs;
      [first] = this.underWay
    ) {
      this.underWay.shift();
      const limits = [told(Math.floor(first.remaining))];
      const tokens = usage(first.tokens, 0);
      this.pool.settle(first.call, { kind: 'succeeded', tokens, limits, firstByteMs: null });
    }
  }
}

/** Answers to calls of account a that say what a test wants, in a pool whose accounts are all suspected of sharing a limit. */
class ToldAnswers {
  private readonly pool: PoolInTime;
  private readonly random = seeded(5);
  private left = 400_000;

  constructor(private readonly ids: string) {
    this.pool = new PoolInTime(accounts(ids));
    for (const remaining of [500_000, this.left]) for (const id of ids) this.call(id, 0, remaining);
  }

  get groups(): string[] {
    return groupsOf(this.pool.pool);
  }

  /** So many answers tell that what another account spends is missing. */
  asIfSharedWith(other: string, count: number): this {
    for (let answer = 0; answer < count; answer += 1) {
      for (const id of this.ids.slice(1)) {
        const tokens = Math.ceil(2_000 * this.random());
        this.call(id, tokens);
        if (id === other) this.left -= tokens;
      }
      this.left -= 100;
      this.call('a', 100, this.left);
    }
    return this;
  }

  private call(id: string, tokens: number, remaining?: number): void {
    const exclude = [...this.ids].filter((one) => one !== id);
    const reservation = this.pool.reserve(anAsk({ inputTokens: tokens, outputTokens: 0, exclude }));
    const limits = remaining === undefined ? [] : [told(remaining)];
    this.pool.settle(reservation, { kind: 'succeeded', tokens: usage(tokens, 0), limits, firstByteMs: null });
  }
}

const accounts = (ids: string, more: Partial<AccountSpec> = {}) => [...ids].map((id) => anAccount(id, more));
const inPairs = (id: string): string => (id < 'c' ? 'one' : 'two');

describe('accounts that share a limit though nobody said so', () => {
  it('are found, each with its own, though all limits are alike', () => {
    expect(new Provider(accounts('abcd'), inPairs).run(120).groups).toEqual(['a,b', 'c,d']);
  });

  it('are found when they are three', () => {
    expect(new Provider(accounts('abc'), () => 'one').run(120).groups).toEqual(['a,b,c']);
  });

  it('are charged with the calls of all', () => {
    const provider = new Provider(accounts('ab'), () => 'one').run(120);
    const [a] = provider.accounts;
    const level = () =>
      a?.group?.windows.limited.find(({ name }) => name === 'tpm')?.levelAt(provider.pool.nowMs);
    const before = level() ?? NaN;
    for (let call = 0; call < 4; call += 1)
      provider.pool.reserve(anAsk({ inputTokens: 500, outputTokens: 0 }));
    expect(level()).toBeCloseTo(before - 2_000);
  });

  it('are not made up where each has its own limit, used up or not', () => {
    expect(new Provider(accounts('a'), (id) => id).run(120).groups).toEqual([]);
    expect(new Provider(accounts('abcd'), (id) => id).run(120).groups).toEqual([]);
  });

  it('are not made up where strangers use the same limits', () => {
    expect(new Provider(accounts('abcd'), (id) => id, limit / 2).run(300).groups).toEqual([]);
  });

  it('are told apart again when they do not share it any more', () => {
    const provider = new Provider(accounts('ab'), () => 'one').run(120);
    expect(provider.groups).toEqual(['a,b']);
    provider.limitedWith = (id) => id;
    expect(provider.run(240).groups).toEqual([]);
  });

  it('are grouped anew when each shares it with another', () => {
    const provider = new Provider(accounts('abcd'), inPairs).run(120);
    expect(provider.groups).toEqual(['a,b', 'c,d']);
    provider.limitedWith = (id) => ('ac'.includes(id) ? 'one' : 'two');
    expect(provider.run(240).groups).toEqual(['a,c', 'b,d']);
  });

  it('are left together when answers contradict that once, by coincidence', () => {
    const answers = new ToldAnswers('abc');
    expect(answers.asIfSharedWith('b', 17).groups).toEqual(['a,b']);
    expect(answers.asIfSharedWith('c', 16).groups).toEqual(['a,b']);
    expect(answers.asIfSharedWith('b', 16).asIfSharedWith('c', 16).groups).toEqual(['a,b']);
    expect(answers.asIfSharedWith('c', 16).groups).toEqual(['a,c']);
  });

  it('stay together when the configuration is read anew, and belong where people put them', () => {
    const provider = new Provider(accounts('ab'), () => 'one').run(120);
    const { pool, nowMs } = provider.pool;
    pool.replaceAccounts(accounts('abc', { weight: 2 }), nowMs);
    expect(provider.groups).toEqual(['a,b']);
    const inGroup = { id: 'told', limits: { ...noLimits, tpm: 1_000 } };
    pool.replaceAccounts([anAccount('a', { quotaGroup: inGroup }), anAccount('b')], nowMs);
    expect(provider.groups).toEqual(['a']);
    pool.replaceAccounts(accounts('b'), nowMs);
    expect(provider.groups).toEqual([]);
  });
});
