import type { Fault, KeySpec, LimitsSpec, Scenario } from '../../provider-simulator/src/index.js';

/** One provider account of the demo: what the gateway is told about it, and what its provider really does with it. */
export interface CastAccount {
  readonly name: string;
  readonly credential: string;
  readonly weight: number;
  /** What the gateway is told; nothing means that it has to learn. */
  readonly configured: LimitsSpec;
  /** What the provider enforces and grants; `null`: it refuses the key. */
  readonly real: Omit<KeySpec, 'key'> | null;
}

/** A provider with its model and accounts. */
export interface CastPool {
  /** Kind at the gateway and name in the simulator. */
  readonly provider: string;
  /** The model that is called and, as a route, the name callers use. */
  readonly model: string;
  readonly accounts: readonly CastAccount[];
}

function healthy(name: string, credential: string, weight: number, rpm: number): CastAccount {
  return { name, credential, weight, configured: { rpm }, real: { limits: { rpm } } };
}

/** Three providers with four accounts each: three sound ones of unequal size, and one in trouble. */
export const cast: readonly CastPool[] = [
  {
    provider: 'openai',
    model: 'gpt-4o-mini',
    accounts: [
      healthy('openai-main', 'sk-demo-openai-main', 4, 240),
      healthy('openai-team', 'sk-demo-openai-team', 2, 120),
      healthy('openai-spare', 'sk-demo-openai-spare', 1, 60),
      { name: 'openai-dead', credential: 'sk-demo-openai-dead', weight: 1, configured: {}, real: null },
    ],
  },
  {
    provider: 'anthropic',
    model: 'claude-haiku-4-5',
    accounts: [
      healthy('anthropic-main', 'sk-ant-demo-main', 4, 240),
      healthy('anthropic-team', 'sk-ant-demo-team', 2, 120),
      healthy('anthropic-spare', 'sk-ant-demo-spare', 1, 60),
      {
        name: 'anthropic-prepaid',
        credential: 'sk-ant-demo-prepaid',
        weight: 1,
        configured: { rpm: 60 },
        // Pays for a handful of calls.
        real: { creditUsd: 0.000_7 },
      },
    ],
  },
  {
    provider: 'google',
    model: 'gemini-2.5-flash',
    accounts: [
      healthy('google-main', 'AIza-demo-main', 4, 240),
      healthy('google-team', 'AIza-demo-team', 2, 120),
      healthy('google-spare', 'AIza-demo-spare', 1, 60),
      {
        name: 'google-free',
        credential: 'AIza-demo-free',
        weight: 1,
        // The gateway is not told, and this provider sends no limit headers: it learns from the first 429.
        configured: {},
        real: { limits: { rpm: 4 } },
      },
    ],
  },
];

/** Bad luck on top, for whichever account it meets; scattered, because a real provider does not fail all at once. */
const faults: readonly Fault[] = [
  { kind: 'status', status: 500, provider: 'openai', probability: 0.1, count: 3 },
  { kind: 'status', status: 529, provider: 'anthropic', probability: 0.1, count: 3 },
  { kind: 'error_in_stream', afterChunks: 0, provider: 'openai', probability: 0.1, count: 2 },
  { kind: 'reset_before_headers', provider: 'google', probability: 0.1, count: 2 },
];

/** The same cast as the simulator plays it. */
export const scenario: Scenario = {
  latency: { kind: 'log_normal', medianMs: 60, sigma: 0.5 },
  output: { tokens: 24, tokensPerSecond: 200 },
  recentCalls: 10_000,
  providers: Object.fromEntries(
    cast.map(({ provider, accounts }) => [provider, { keys: accounts.flatMap(acceptedKey) }]),
  ),
  faults,
};

function acceptedKey({ credential, real }: CastAccount): KeySpec[] {
  return real === null ? [] : [{ key: credential, ...real }];
}
