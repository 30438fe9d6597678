import type { MachineState, QuotaNews, QuotaStandingNews } from '#pool-core';

/** News of accounts, by the name of their pool. */
export type NewsByPool = readonly (readonly [pool: string, news: readonly QuotaNews[]])[];

/** What one replica tells all. */
export interface ReplicaMessage {
  /** Of its process; another one after a restart. */
  readonly replica: string;
  /** Counts its messages, from 1. */
  readonly sequence: number;
  /** `asks`: it has not heard what is under way and held; `leaves`: it is gone. */
  readonly kind: 'tells' | 'asks' | 'leaves';
  readonly news: NewsByPool;
}

/** Longer texts are none of ours: 1,000 accounts of a pool with a few models each are a tenth of it. */
const longestText = 8_000_000;
const longestName = 500;
const kinds: readonly unknown[] = ['tells', 'asks', 'leaves'];

/** As it travels. */
export const encodeMessage = (message: ReplicaMessage): string => JSON.stringify(message);

/** @returns `null` for anything that is no message of this version of the gateway */
export function decodeMessage(text: string): ReplicaMessage | null {
  if (text.length > longestText) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : null;
  } catch {
    return null;
  }
}

function isMessage(value: unknown): value is ReplicaMessage {
  if (!isObject(value)) return false;
  const { replica, sequence, kind, news } = value;
  return isName(replica) && isCount(sequence) && kinds.includes(kind) && isListOf(news, isNewsOfPool);
}

const isNewsOfPool = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && isName(value[0]) && isListOf(value[1], isQuotaNews);

function isQuotaNews(value: unknown): value is QuotaNews {
  if (!isObject(value)) return false;
  const { kind, id, spent, cost, missing, inFlight, standings } = value;
  return (
    (kind === 'account' || kind === 'group') &&
    isName(id) &&
    isUnits(spent) &&
    isCount(cost) &&
    isUnits(missing) &&
    (inFlight === null || isCount(inFlight)) &&
    isListOf(standings, isStandingNews)
  );
}

function isStandingNews(value: unknown): value is QuotaStandingNews {
  if (!isObject(value)) return false;
  const { model, state, was, sinceMs, coolDowns, openings } = value;
  return (
    (model === null || isName(model)) &&
    isState(state) &&
    isState(was) &&
    isAmount(sinceMs) &&
    isCount(coolDowns) &&
    isCount(openings)
  );
}

function isState(value: unknown): value is MachineState {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'closed':
      return true;
    case 'half_open':
    case 'auth_failed':
      return isName(value['rule']);
    case 'cooling':
    case 'open':
    case 'out_of_quota':
      return isName(value['rule']) && isAmount(value['untilMs']);
    default:
      return false;
  }
}

const isUnits = (value: unknown): boolean =>
  value === null || (isObject(value) && Object.values(value).every(isAmount));
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is);
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= longestName;
const isAmount = (value: unknown): boolean => Number.isFinite(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
