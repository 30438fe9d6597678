import type { Fault, FaultEffect } from './fault.js';
import { limitNames } from './limits.js';
import type { KeySpec, Latency, Scenario } from './scenario.js';
import { either, listOf, mapOf, number, oneOf, record, text, variants } from './shape.js';
import type { Shape } from './shape.js';

const kindOnly = record({ kind: text });
const latencyKinds: Record<Latency['kind'], Shape> = {
  none: kindOnly,
  fixed: record({ kind: text, ms: number(0) }),
  log_normal: record({ kind: text, medianMs: number(0), sigma: number(0, 5) }),
};
const latency = variants(latencyKinds);
const output = record({}, { tokens: number(1, 100_000), tokensPerSecond: number(0.001) });
const promptCache = record({}, { minTokens: number(0), stepTokens: number(1), ttlMs: number(0) });
const limits = record(
  {},
  Object.fromEntries([...limitNames, 'maxConcurrency'].map((name) => [name, number(0)])),
);
const organisation = record({}, { limits, creditUsd: number(0) });
const keyExtras: Record<string, Shape> = {
  secret: text,
  organisation: text,
  limits,
  creditUsd: number(0),
  models: listOf(text),
  activeFromMs: number(0),
  revokedFromMs: number(0),
};
const key = record({ key: text }, keyExtras);
const provider = record(
  { keys: listOf(either(text, key)) },
  {
    dialect: oneOf('openai', 'groq', 'mistral', 'compatible', 'anthropic', 'gemini', 'bedrock'),
    models: listOf(text),
    latency,
    output,
    promptCache,
    priceUsdPerMillion: record({ input: number(0), cachedInput: number(0), output: number(0) }),
    organisations: mapOf(organisation),
  },
);

const aimed: Record<string, Shape> = {
  provider: text,
  key: text,
  model: text,
  operation: text,
  fromMs: number(0),
  untilMs: number(0),
  count: number(1),
  probability: number(0, 1),
};
const plainFault = record({ kind: text }, aimed);
const faultKinds: Record<FaultEffect['kind'], Shape> = {
  status: record({ kind: text, status: number(400, 599) }, aimed),
  html_502: plainFault,
  rate_limited_no_hint: plainFault,
  absurd_retry_after: record({ kind: text }, { ...aimed, retryAfter: text }),
  slow_first_byte: record({ kind: text, delayMs: number(0) }, aimed),
  slow_stream: record({ kind: text, delayMs: number(0) }, aimed),
  hang: plainFault,
  hang_mid_stream: plainFault,
  reset_before_headers: plainFault,
  reset_mid_body: plainFault,
  reset_mid_stream: plainFault,
  truncated_json: plainFault,
  error_in_stream: record({ kind: text }, { ...aimed, afterChunks: number(0) }),
  wrong_content_type: plainFault,
  brown_out: record({ kind: text }, { ...aimed, errorShare: number(0, 1), delayMs: number(0) }),
};
const fault = variants(faultKinds);
const scenario = record(
  { providers: mapOf(provider) },
  {
    seed: number(0),
    ids: oneOf('counted', 'from_request'),
    latency,
    output,
    promptCache,
    recentCalls: number(0, 100_000),
    faults: listOf(fault),
  },
);
const keyAtProvider = record({ provider: text, key: text }, keyExtras);
const revocation = record({ provider: text, key: text }, { afterMs: number(0) });

/** A control call or scenario that does not fit; the message lists every fault. */
export class ScenarioFault extends Error {
  override readonly name = 'ScenarioFault';
}

function fitting<T>(shape: Shape, value: unknown, name: string): T {
  const faults = shape(value, name);
  if (faults.length > 0) throw new ScenarioFault(faults.join('; '));
  return value as T;
}

/** Ends a key. */
export interface Revocation {
  readonly provider: string;
  readonly key: string;
  /** How long the key goes on working, in milliseconds; default 0. */
  readonly afterMs?: number;
}

/** A key and the provider that is to accept it. */
export type KeyAtProvider = KeySpec & { readonly provider: string };

/**
 * Takes JSON for a scenario.
 *
 * @throws ScenarioFault that lists every fault
 */
export const readScenario = (value: unknown) => fitting<Scenario>(scenario, value, 'scenario');

/**
 * Takes JSON for a fault.
 *
 * @throws ScenarioFault that lists every fault
 */
export const readFault = (value: unknown) => fitting<Fault>(fault, value, 'fault');

/**
 * Takes JSON for a key with its provider.
 *
 * @throws ScenarioFault that lists every fault
 */
export const readKey = (value: unknown) => fitting<KeyAtProvider>(keyAtProvider, value, 'key');

/**
 * Takes JSON for a revocation.
 *
 * @throws ScenarioFault that lists every fault
 */
export const readRevocation = (value: unknown) => fitting<Revocation>(revocation, value, 'revocation');
