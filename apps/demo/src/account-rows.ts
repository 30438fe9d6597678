import { parseUsd, type NanoUsd } from '#kernel';

/** An account, as far as the table needs what `GET /admin/v1/accounts` tells. */
export interface Account {
  readonly id: string;
  readonly provider: string;
  readonly name: string;
  readonly weight: number;
  readonly state: { readonly human: string; readonly machine: string; readonly reason: string | null };
}

/** A call, as far as the table needs what `GET /admin/v1/usage/records` tells. */
export interface UsageRecord {
  readonly accountId: string | null;
  readonly status: number;
  readonly attempts: readonly {
    readonly accountId: string;
    readonly status: number | null;
    readonly class: string | null;
  }[];
  readonly costUsd: string | null;
}

/** What one account did. */
export interface AccountRow {
  readonly provider: string;
  readonly name: string;
  /** Calls it answered. */
  readonly calls: number;
  /** Of the calls its provider's accounts answered, 0 to 1. */
  readonly share: number;
  /** Of the weights of its provider's accounts, 0 to 1. */
  readonly weightShare: number;
  /** Attempts that its provider refused with 429. */
  readonly rateLimited: number;
  /** Attempts that failed here and were made elsewhere. */
  readonly failOvers: number;
  readonly state: string;
  readonly costNanoUsd: NanoUsd;
  /** Answered calls whose model has no price. */
  readonly unpriced: number;
}

/** Sums up what each account did, in the order of the accounts. */
export function accountRows(
  accounts: readonly Account[],
  records: readonly UsageRecord[],
): readonly AccountRow[] {
  const facts = accounts.map((account) => ({ ...account, ...tally(account.id, records) }));
  return facts.map(({ provider, name, weight, state, ...did }) => {
    const pool = facts.filter((other) => other.provider === provider);
    return {
      provider,
      name,
      ...did,
      share: ratio(did.calls, sum(pool.map(({ calls }) => calls))),
      weightShare: ratio(weight, sum(pool.map((other) => other.weight))),
      state: stateInWords(state),
    };
  });
}

function tally(id: string, records: readonly UsageRecord[]) {
  const answered = records.filter(({ accountId, status }) => accountId === id && status < 400);
  const attempts = records.flatMap((record) => record.attempts).filter(({ accountId }) => accountId === id);
  const prices = answered.map(({ costUsd }) => costUsd).filter((cost) => cost !== null);
  return {
    calls: answered.length,
    rateLimited: attempts.filter(({ status }) => status === 429).length,
    failOvers: records.filter((record) => movedOnFrom(record, id)).length,
    costNanoUsd: prices.reduce((total, cost) => total + parseUsd(cost), 0n),
    unpriced: answered.length - prices.length,
  };
}

function movedOnFrom({ attempts }: UsageRecord, id: string): boolean {
  return attempts.slice(0, -1).some(({ accountId }) => accountId === id);
}

/** What a person decided, else what the machine found out with the rule that told it. */
function stateInWords({ human, machine, reason }: Account['state']): string {
  const word = human === 'enabled' ? machine : human;
  return reason === null || word === 'closed' ? word : `${word} (${reason})`;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
