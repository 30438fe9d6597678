import type { AccountId, LimitReading, Random } from '#kernel';
import type { AccountBudget, AccountLimits, AccountSpec } from './account.js';
import { WarmPlaces } from './affinity/warm-places.js';
import type { Ask, CallTokens } from './ask.js';
import { Bag } from './bag.js';
import { CommonLimits } from './common-limit/common-limits.js';
import { SharedLimit } from './cooldown/shared-limit.js';
import { poolOptions } from './pool-options.js';
import type { PoolOptions } from './pool-options.js';
import { PooledAccount } from './pooled-account.js';
import type { PooledGroup } from './pooled-account.js';
import { QuotaGroups } from './quota-groups.js';
import { Reservation } from './reservation.js';
import { UsualFirstByte } from './scheduling/first-byte.js';
import { Lanes } from './scheduling/lanes.js';
import { PoolThroughput } from './fair-queue/pool-throughput.js';
import { PickHistory } from './scheduling/pick-history.js';
import { TurnSize } from './scheduling/turn-size.js';
import { CallsElsewhere } from './sharing/calls-elsewhere.js';

/** A turn is worth at least this share of its call, however much the account has been charged too much. */
const leastCharge = 0.1;

/** All accounts of one provider and what is known about them now. Lives in one process; nothing in it waits. */
export class AccountPool {
  readonly options: PoolOptions;
  /** Reservations not settled yet; bounded by the calls under way, which settle or expire. */
  readonly openReservations = new Bag<Reservation>();
  /** Lowest tier first, else in the order they were given. */
  accounts: readonly PooledAccount[] = [];
  private readonly usualFirstByte = new UsualFirstByte();
  /** In which order the accounts are looked at. */
  readonly lanes: Lanes;
  readonly turnSize = new TurnSize();
  /** What all accounts together refill. */
  readonly throughput = new PoolThroughput(this);
  /** Who was chosen of late. */
  readonly picks = new PickHistory<PooledAccount>();
  /** Where prompts are warm; `null` until a call has an affinity. */
  warmPlaces: WarmPlaces<PooledAccount> | null = null;
  private readonly byId = new Map<AccountId, PooledAccount>();
  readonly sharedLimit: SharedLimit<PooledAccount>;
  private readonly groups: QuotaGroups;
  /** Accounts that may have news for other processes; `null` while there are none to tell. */
  changed: Set<PooledAccount> | null = null;
  readonly callsElsewhere = new CallsElsewhere();
  private shares = 1;
  /** Who shares a limit that nobody said is shared. */
  readonly commonLimits = new CommonLimits();

  /** @throws RangeError naming the option, its value and its range */
  constructor(options: Partial<PoolOptions> = {}) {
    this.options = poolOptions(options);
    this.sharedLimit = new SharedLimit(this.options.sharedLimit, this.options.outage, this.openReservations);
    this.groups = new QuotaGroups(this.options);
    this.lanes = new Lanes(this.options);
  }

  /**
   * Takes a new configuration. Accounts that stay keep their windows (a changed limit keeps what is in use), machine
   * state and calls under way; calls of accounts that go settle harmlessly.
   *
   * @throws RangeError when a weight, a tier or a limit is out of range; the pool is then unchanged
   */
  replaceAccounts(specs: readonly AccountSpec[], nowMs: number): void {
    specs.forEach(refuseBadSpec);
    const accounts = specs.map((spec) => this.configured(spec, nowMs));
    this.accounts = accounts.sort((a, b) => a.tier - b.tier);
    this.groups.assign(accounts, nowMs);
    this.byId.clear();
    for (const account of accounts) this.byId.set(account.id, account);
    this.commonLimits.keep(new Set(accounts));
    this.lanes.replace(accounts);
    this.callsElsewhere.keep(this.quotas());
    for (const account of this.changed ?? []) if (!this.byId.has(account.id)) this.changed?.delete(account);
    if (this.isSplit) this.splitAll(nowMs);
  }

  /** Whether each process has a share of the limits for itself. */
  get isSplit(): boolean {
    return this.shares > 1;
  }

  /** See {@link Quota.split}; also for accounts to come. */
  split(shares: number, nowMs: number): void {
    if (shares === this.shares) return;
    this.shares = shares;
    this.splitAll(nowMs);
    for (const account of this.accounts) this.wake(account);
  }

  /** Everything that has limits: the accounts, and the groups they are in. */
  quotas(): Set<PooledAccount | PooledGroup> {
    return new Set(
      this.accounts.flatMap((account) => [account, ...(account.group === null ? [] : [account.group])]),
    );
  }

  /** A quota group that people configured. */
  configuredGroup(id: string): PooledGroup | undefined {
    return this.groups.configured(id);
  }

  /** One account; `undefined` when the pool does not have it. */
  account(id: AccountId): PooledAccount | undefined {
    return this.byId.get(id);
  }

  /** Takes what an ask needs of an account that was just found admissible, and measured. */
  reserve(account: PooledAccount, ask: Ask, nowMs: number, random: Random): Reservation {
    this.lanes.noteTurn(account, ask, this.turnSizeOf(account, ask, nowMs), random);
    const reservation = Reservation.of(account, ask, nowMs);
    this.openReservations.add(reservation);
    this.commonLimits.noteStart(reservation);
    this.picks.note(account);
    this.lanes.wake(account);
    this.changed?.add(account);
    this.noteAffinity(account, ask, nowMs);
    return reservation;
  }

  /**
   * A call has used more or less than was estimated: its account's next turn is as much larger or smaller. Not for failed
   * calls: an account that fails at once would have the next turn, too.
   */
  noteUsed(reservation: Reservation, used: CallTokens, nowMs: number): void {
    if (this.options.strategy.weighsCalls !== true) return;
    const over = this.throughput.loadOf(used, nowMs) - this.throughput.loadOf(reservation, nowMs);
    reservation.account.turnDebt += this.turnSize.surprise(over);
  }

  /** How long an account takes to refill a load if its weight is its share of all limits, ms. */
  refillMs({ weight }: PooledAccount, load: number): number {
    return (load * this.throughput.weight) / weight;
  }

  /**
   * Something has happened to an account beside the passing of time: a call ended, a person or a test spoke. To be said
   * whenever an account may admit sooner than it did.
   *
   * @param group whose members it concerns as well
   */
  noteChange(account: PooledAccount, group: PooledGroup | null = account.group): void {
    this.changed?.add(account);
    this.wake(account, group);
  }

  /** As {@link noteChange}, when others know already. */
  wake(account: PooledAccount, group: PooledGroup | null = account.group): void {
    this.lanes.wake(account);
    if (group !== null) for (const member of group.members) this.lanes.wake(member);
  }

  /** As {@link noteChange}, when a failure may have shown that other accounts were not to blame for theirs. */
  noteFailure(account: PooledAccount, group: PooledGroup | null = account.group): void {
    this.noteChange(account, group);
    for (const suspect of this.sharedLimit.suspects) this.noteChange(suspect);
  }

  /** What an answer says of limits shows who shares one. */
  noteAnswer(call: Reservation, said: readonly LimitReading[], nowMs: number): void {
    const finding = this.commonLimits.noteAnswer(call, said, nowMs);
    if (finding === null) return;
    if (finding.kind === 'shared') this.groups.join(finding.members, nowMs);
    else if (finding.account.group !== null) this.groups.part(finding.account.group, nowMs);
    if (this.isSplit) this.splitAll(nowMs);
  }

  /** @param firstByteMs how long an answer took to begin, >= 0 */
  noteFirstByte(account: PooledAccount, model: string, firstByteMs: number, nowMs: number): void {
    account.firstByte.learn(this.usualFirstByte.learn(model, firstByteMs), nowMs);
  }

  /** Remembers where the prompt is warm from now on. A pool that never meets an affinity has no such memory. */
  private noteAffinity(account: PooledAccount, ask: Ask, nowMs: number): void {
    if (ask.affinity !== null) this.warmPlaces ??= new WarmPlaces(this.options.promptCacheMs);
    if (this.warmPlaces === null) return;
    account.recentLoad.add(this.throughput.loadOf(ask, nowMs), nowMs);
    if (ask.affinity !== null) this.warmPlaces.note(ask.affinity, account, nowMs);
  }

  /**
   * Calls count by their load, and for what those before them took beyond what was estimated, so that new ones go where old
   * ones weigh least. Those that may go anywhere do so while the account has room, the less the fuller it is: large ones then
   * find a place where small ones have left one, and what is short is shared out by headroom.
   */
  private turnSizeOf(account: PooledAccount, ask: Ask, nowMs: number): number {
    if (this.options.strategy.weighsCalls !== true) return 1;
    const load = this.throughput.loadOf(ask, nowMs);
    const relative = this.turnSize.of(load);
    const charged = Math.max(leastCharge * load, load + account.turnDebt);
    account.turnDebt += load - charged;
    const size = (charged / load) * relative;
    return ask.affinity === null ? 1 + (size - 1) * account.headroom : size;
  }

  private splitAll(nowMs: number): void {
    for (const quota of this.quotas()) quota.split(this.shares, nowMs);
  }

  private configured(spec: AccountSpec, nowMs: number): PooledAccount {
    const known = this.byId.get(spec.id);
    if (known === undefined) return new PooledAccount(spec, this.sharedLimit, this.options, nowMs);
    if (known.spec !== spec) known.configure(spec, nowMs);
    return known;
  }
}

function refuseBadSpec({ id, weight, tier, limits, quotaGroup, budget, costFactor }: AccountSpec): void {
  if (!(weight > 0 && weight < Infinity)) throw new RangeError(`weight of ${id} is ${weight}, must be > 0`);
  if (!(Number.isInteger(tier) && tier >= 1)) throw new RangeError(`tier of ${id} is ${tier}, must be >= 1`);
  if (!(costFactor >= 0 && costFactor < Infinity)) {
    throw new RangeError(`costFactor of ${id} is ${costFactor}, must be >= 0`);
  }
  refuseBadLimits(id, limits);
  refuseBadLimits(id, budget);
  if (quotaGroup !== null) refuseBadLimits(`quota group ${quotaGroup.id}`, quotaGroup.limits);
}

function refuseBadLimits(of: string, limits: AccountLimits | AccountBudget): void {
  for (const [name, limit] of Object.entries(limits)) {
    if (limit !== null && !(limit > 0)) throw new RangeError(`${name} of ${of} is ${limit}, must be > 0`);
  }
}
