import type { Fault, LastRequest, Scenario } from '../../../apps/provider-simulator/src/index.js';
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js';
import type { Kind, Place } from './sdk.js';
import { startWireTap, type Recorded } from './wire-tap.js';

/** Kinds of providers, the models asked for, and what of the base URL the provider's own SDK leaves to its caller. */
export const kinds = {
  openai: { dialect: 'openai', path: '/v1', model: 'gpt-4o-mini', embedding: 'text-embedding-3-small' },
  anthropic: { dialect: 'anthropic', path: '', model: 'claude-haiku-4-5', embedding: null },
  google: { dialect: 'gemini', path: '', model: 'gemini-2.5-flash', embedding: 'gemini-embedding-001' },
  groq: {
    dialect: 'groq',
    path: '/openai/v1',
    model: 'llama-3.3-70b-versatile',
    embedding: 'nomic-embed-text-v1.5',
  },
  mistral: { dialect: 'mistral', path: '/v1', model: 'mistral-small-latest', embedding: 'mistral-embed' },
} as const satisfies Record<Kind, object>;

/** One call and all that was seen of it. */
export interface Seen {
  /** What the SDK made of it. */
  readonly result: unknown;
  readonly wire: readonly Recorded[];
  /** The last request the provider got. @throws Error when it got none */
  received(): LastRequest;
}

/** How a call goes: to the provider of one account or the one of many, straight or through the gateway. */
export interface Way {
  readonly through: 'simulator' | 'gateway';
  readonly provider: string;
}

/** One simulator and one gateway before it, a tap before each. */
export interface ConformanceWorld {
  readonly gateway: TestGateway;
  /** Starts the simulator's providers and a hurt account afresh, with these faults, and makes a call. */
  see(way: Way, faults: readonly Fault[], call: (place: Place) => Promise<unknown>): Promise<Seen>;
  close(): Promise<void>;
}

/** The provider of a kind that has one account. */
export const soloOf = (kind: Kind): string => `${kind}-solo`;
/** The provider of a kind that has accounts enough for every fail-over. */
export const teamOf = (kind: Kind): string => `${kind}-team`;

const keysOf = (provider: string): string[] =>
  Array.from({ length: provider.endsWith('solo') ? 1 : 12 }, (_, at) => `sk-${provider}-${at}`);
const providerNames = (Object.keys(kinds) as Kind[]).flatMap((kind) => [soloOf(kind), teamOf(kind)]);
const kindOf = (provider: string): Kind => provider.split('-')[0] as Kind;

const scenario: Scenario = {
  ids: 'from_request',
  providers: Object.fromEntries(
    providerNames.map((name) => {
      const { dialect, model, embedding } = kinds[kindOf(name)];
      const models = embedding === null ? [model] : [model, embedding];
      return [name, { dialect, keys: keysOf(name), models }];
    }),
  ),
};

/** Stands still, so that answers are dated alike. */
const clock = { nowMs: () => Date.UTC(2026, 0, 1) };

/** Starts all of it: routes named like the models, to the providers of one account. */
export async function startConformanceWorld(): Promise<ConformanceWorld> {
  const gateway = await startTestGateway(scenario, {}, undefined, { clock });
  const accounts = await populate(gateway);
  const { simulator } = gateway;
  /** Providers whose account has met with a fault. */
  const hurt = new Set<string>();
  const taps = {
    simulator: await startWireTap(simulator.url),
    gateway: await startWireTap(gateway.url),
  };
  return {
    gateway,
    async see({ through, provider }, faults, call) {
      simulator.reset();
      if (hurt.delete(provider)) await heal(gateway, accounts.get(provider)!);
      for (const fault of faults) simulator.addFault({ provider, ...fault });
      const { url } = taps[through];
      const place =
        through === 'gateway'
          ? { origin: url, apiKey: gateway.callerKey }
          : { origin: `${url}/${provider}`, apiKey: keysOf(provider)[0]! };
      taps[through].take();
      if (through === 'gateway' && faults.length > 0) hurt.add(provider);
      const result = await call(place);
      const last = simulator.lastRequest(provider);
      const received = (): LastRequest => {
        if (last === null) throw new Error(`${provider} was not called`);
        return last;
      };
      return { result, wire: taps[through].take(), received };
    },
    async close() {
      await Promise.all(Object.values(taps).map((tap) => tap.close()));
      await gateway.close();
    },
  };
}

/** Makes an account as good as new. */
async function heal(gateway: TestGateway, id: string): Promise<void> {
  for (const action of ['clear-cooldown', 'enable']) {
    const { status, body } = await gateway.admin('POST', `/accounts/${id}/${action}`);
    if (status >= 300) throw new Error(`${action}: ${JSON.stringify(body)}`);
  }
}

/** @returns the first account of each provider */
async function populate(gateway: TestGateway): Promise<ReadonlyMap<string, string>> {
  const accounts = new Map<string, string>();
  for (const name of providerNames) {
    const kind = kindOf(name);
    const baseUrl = `${gateway.simulator.url}/${name}${kinds[kind].path}`;
    await made(gateway, '/providers', { name, kind, baseUrl });
    for (const key of keysOf(name)) {
      const id = await gateway.addAccount(name, key);
      if (!accounts.has(name)) accounts.set(name, id);
    }
  }
  for (const kind of Object.keys(kinds) as Kind[]) {
    for (const model of [kinds[kind].model, kinds[kind].embedding]) {
      if (model === null) continue;
      await made(gateway, '/routes', { name: model, tiers: [[{ provider: soloOf(kind), model }]] });
    }
  }
  return accounts;
}

async function made(gateway: TestGateway, path: string, what: object): Promise<void> {
  const { status, body } = await gateway.admin('POST', path, what);
  if (status !== 201) throw new Error(`${path}: ${JSON.stringify(body)}`);
}
