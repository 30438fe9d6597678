import { asId } from '#kernel';
import type { AccountPool } from '../account-pool.js';
import type { PooledAccount, PooledGroup } from '../pooled-account.js';
import type { QuotaStandingNews } from '../quota.js';
import type { SpentUnits } from '../rate-window/limit-windows.js';

/** What other processes with the same accounts have to know of one account or one quota group; plain JSON. */
export interface QuotaNews {
  readonly kind: 'account' | 'group';
  readonly id: string;
  /** By window, since it was last told; negative when more was given back; `null`: nothing. */
  readonly spent: SpentUnits | null;
  /** What calls on an account have cost since it was last told, whole nano US dollars, >= 0. */
  readonly cost: number;
  /** What was missing in each window when this was told; for those that have just begun. `null`: not told. */
  readonly missing: SpentUnits | null;
  /** Calls under way now, where they are limited; `null`: as it was. */
  readonly inFlight: number | null;
  readonly standings: readonly QuotaStandingNews[];
}

/** More than this share of a limit is not spent without the others being told soon: they might spend it, too. */
const urgentShare = 0.005;

/** Whether so much was spent of some account since it was told that the others should know soon. */
export function isNewsUrgent(pool: AccountPool): boolean {
  for (const { windows, group } of pool.changed ?? []) {
    if (windows.untoldShare() > urgentShare) return true;
    if (group !== null && group.windows.untoldShare() > urgentShare) return true;
  }
  return false;
}

/**
 * What the accounts of a pool have to tell since it was last asked. From the first time on, a pool keeps note of the accounts
 * that something happens to: those that rest are not looked at. While limits are split, what is spent concerns nobody else.
 *
 * @param most accounts looked at; the others wait for the next time
 */
export function takeNews(pool: AccountPool, most: number, nowMs: number): QuotaNews[] {
  pool.changed ??= new Set();
  const groups = new Set<PooledGroup>();
  const news: QuotaNews[] = [];
  let looked = 0;
  for (const account of pool.changed) {
    if (looked >= most) break;
    looked += 1;
    pool.changed.delete(account);
    news.push(...newsOf(pool, account, 'account', account.budget.takeUntold(), nowMs));
    // One that was found out is each process's own finding; what its members spend is told of each.
    if (account.group !== null && account.spec.quotaGroup !== null) groups.add(account.group);
  }
  for (const group of groups) news.push(...newsOf(pool, group, 'group', 0, nowMs));
  return news;
}

/**
 * Takes in what another process has told: what it spent is gone here, too, but was no call of a stranger; its calls take up slots;
 * what it found out about an account holds here. Of accounts that the pool does not have, nothing.
 *
 * @param from the process; its calls count until {@link forgetProcess}
 * @param nowMs ms since the epoch
 * @param isNew whether this process has just begun, and its windows are full for no other reason
 */
export function hearNews(
  pool: AccountPool,
  from: string,
  news: readonly QuotaNews[],
  nowMs: number,
  isNew = false,
): void {
  for (const told of news) {
    const one = isNew ? told : { ...told, missing: null };
    if (one.kind === 'account') hearOfAccount(pool, from, one, nowMs);
    else hearOfGroup(pool, from, one, nowMs);
  }
}

/** Another process is gone, or what it told may have been missed: its calls take up no slots any more. */
export function forgetProcess(pool: AccountPool, from: string): void {
  pool.callsElsewhere.forget(from);
  for (const account of pool.accounts) pool.wake(account);
}

/** Tells once more what is missing, under way and held against accounts: a process that has not heard it is there. */
export function tellAnew(pool: AccountPool, nowMs: number): void {
  pool.changed ??= new Set();
  for (const quota of pool.quotas()) quota.tellAnew();
  for (const account of pool.accounts)
    if (account.isInUse(nowMs) || account.group?.isInUse(nowMs) === true) pool.changed.add(account);
}

/**
 * Splits the limits of a pool among processes that cannot hear each other, so that together they use no more than there is.
 *
 * @param shares how many processes, >= 1, whole; 1: they hear each other again. Each then goes on from what it has left
 */
export function splitLimits(pool: AccountPool, shares: number, nowMs: number): void {
  if (shares === 1 && pool.isSplit) {
    pool.callsElsewhere.clear();
    for (const quota of pool.quotas()) quota.windows.takeUntold();
    tellAnew(pool, nowMs);
  }
  pool.split(shares, nowMs);
}

function newsOf(
  pool: AccountPool,
  quota: PooledAccount | PooledGroup,
  kind: QuotaNews['kind'],
  cost: number,
  nowMs: number,
): QuotaNews[] {
  const spent = pool.isSplit ? null : quota.windows.takeUntold();
  const missing = pool.isSplit ? null : quota.takeMissing(nowMs);
  const inFlight = pool.isSplit ? null : quota.takeInFlight();
  const standings = quota.takeStandingNews();
  const isNews = spent !== null || cost > 0 || missing !== null || inFlight !== null || standings.length > 0;
  return isNews ? [{ kind, id: quota.id, spent, cost, missing, inFlight, standings }] : [];
}

function hearOfAccount(pool: AccountPool, from: string, news: QuotaNews, nowMs: number): void {
  const account = pool.account(asId<'Account'>(news.id));
  if (account === undefined) return;
  hear(pool, account, from, news, nowMs);
  const { group, spec } = account;
  const isFound = group !== null && spec.quotaGroup === null;
  if (isFound && news.spent !== null && !pool.isSplit) group.windows.spendElsewhere(news.spent, nowMs);
  if (news.cost > 0) account.budget.add(news.cost, nowMs);
  noteAnswers(pool, account, news);
  pool.wake(account);
}

function hearOfGroup(pool: AccountPool, from: string, news: QuotaNews, nowMs: number): void {
  const group = pool.configuredGroup(news.id);
  const member = group?.members[0];
  if (group === undefined || member === undefined) return;
  hear(pool, group, from, news, nowMs);
  noteAnswers(pool, member, news);
  pool.wake(member, group);
}

/** What another process holds may have been ended here: that is told it. */
function noteAnswers(pool: AccountPool, account: PooledAccount, { standings }: QuotaNews): void {
  if (standings.length > 0) pool.changed?.add(account);
}

function hear(
  pool: AccountPool,
  quota: PooledAccount | PooledGroup,
  from: string,
  { spent, missing, inFlight, standings }: QuotaNews,
  nowMs: number,
): void {
  if (spent !== null && !pool.isSplit) quota.windows.spendElsewhere(spent, nowMs);
  if (missing !== null && !pool.isSplit) quota.windows.noteMissing(missing, nowMs);
  if (inFlight !== null && !pool.isSplit) pool.callsElsewhere.note(from, quota, inFlight);
  for (const standing of standings) quota.hear(standing, nowMs);
}
