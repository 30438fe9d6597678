import type { AnswerHold } from '#ai-provider';
import type { AccountLimits, AccountSpec } from '#pool-core';
import { specOf } from './policies/pool-core.js';
import type { WorkloadSpec } from './workload/workload.js';
import type { AccountTruth, Fault, LimitChange, Outsiders } from './provider/account-truth.js';
import type { CountedUnit } from './workload/counted.js';

const minuteMs = 60_000;

/** One situation in which policies are measured. */
export interface Scenario {
  readonly name: string;
  readonly accounts: readonly AccountTruth[];
  /** What the gateway was told of the limits. */
  readonly configured: (truth: AccountTruth, at: number) => AccountSpec;
  /** What the gateway knows of what the provider holds of an answer. */
  readonly answerHold: AnswerHold | null;
  /** Load offered, over what all accounts refill. */
  readonly rho: number;
  /** What load and goodput are counted in: what runs out first. */
  readonly counted: CountedUnit;
  readonly arrivals: WorkloadSpec['arrivals'];
  readonly conversations: boolean;
  readonly promptTokens: number;
  /** Whether callers that are refused come back when they are told to, up to three times. */
  readonly callersReturn: boolean;
  readonly faults: readonly Fault[];
  readonly limitChange: LimitChange | null;
  readonly outsiders: Outsiders | null;
  /** Whether the health monitor probes accounts beside the traffic. */
  readonly probes: boolean;
  /** What a token costs, nano US dollars; `null`: nobody knows, and budgets count nothing. */
  readonly tokenNanoUsd: number | null;
  /** Weight of a caller by its rank. */
  readonly callerWeight: (caller: number) => number;
  /** How long a caller may be kept waiting, by its rank, ms. */
  readonly patienceMs: (caller: number) => number;
  /** Not measured: buckets begin full. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export const noLimits: AccountLimits = {
  rpm: null,
  tpm: null,
  itpm: null,
  otpm: null,
  rpd: null,
  tpd: null,
  maxConcurrency: null,
};

export const baseTpm = 100_000;
const baseRpm = 150;

/** Accounts of which the n-th is n times the first, from 1 to 10 and again. */
export function scaledAccounts(count: number, change: Partial<AccountTruth> = {}, size = 1): AccountTruth[] {
  return Array.from({ length: count }, (_, at) => {
    const scale = 1 + (at % 10);
    return {
      id: `a${String(at).padStart(3, '0')}`,
      scale,
      limits: { ...noLimits, rpm: Math.ceil(baseRpm * scale * size), tpm: Math.ceil(baseTpm * scale * size) },
      organisation: null,
      candour: 'headers',
      answerHold: 256,
      firstByteMs: 400,
      tokensPerSecond: 80,
      ...change,
    };
  });
}

/** Limits as they are. */
export const exactly = ({ id, scale, limits }: AccountTruth): AccountSpec => specOf(id, scale, limits, null);
/** Limits as they are times a factor that alternates from account to account. */
export const wrongBy =
  (...factors: readonly number[]) =>
  ({ id, scale, limits }: AccountTruth, at: number): AccountSpec => {
    const factor = factors[at % factors.length] as number;
    const times = (limit: number | null) => (limit === null ? null : Math.round(limit * factor));
    return specOf(id, scale, { ...limits, rpm: times(limits.rpm), tpm: times(limits.tpm) }, null);
  };
/** No limits at all. */
export const unset = ({ id, scale }: AccountTruth): AccountSpec => specOf(id, scale, noLimits, null);

/** Just above the limits full buckets last for five minutes; below it nobody needs them. */
const warmUpMs = (rho: number): number => (rho >= 1 && rho <= 1.5 ? 6 : 3) * minuteMs;

/** A scenario of ten accounts in which nothing goes wrong. */
export function steady(rho: number, change: Partial<Scenario> = {}): Scenario {
  return {
    name: `rho ${rho}`,
    accounts: scaledAccounts(10),
    configured: exactly,
    answerHold: null,
    rho,
    counted: 'tokens',
    arrivals: 'poisson',
    conversations: false,
    promptTokens: 450,
    callersReturn: false,
    faults: [],
    limitChange: null,
    outsiders: null,
    probes: false,
    tokenNanoUsd: null,
    callerWeight: () => 1,
    patienceMs: () => Infinity,
    warmUpMs: warmUpMs(rho),
    measuredMs: 7 * minuteMs,
    ...change,
  };
}
