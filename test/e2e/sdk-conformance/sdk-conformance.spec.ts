import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, setGlobalDispatcher } from 'undici';
import type { Fault } from '../../../apps/provider-simulator/src/index.js';
import { until } from '../../support/until.js';
import { expectSame } from './same.js';
import { scenarios, type Scenario } from './scenarios.js';
import { thrownBy, type Calls, type Sdk } from './sdk.js';
import { sdks } from './sdks/index.js';
import { cellsOf, conformanceTable, keepsThings } from './table.js';
import { kinds, soloOf, startConformanceWorld, teamOf, type ConformanceWorld, type Seen } from './world.js';

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

let world: ConformanceWorld;
beforeAll(async () => {
  world = await startConformanceWorld();
}, 60_000);
afterAll(() => world.close());

type Call = (calls: Calls) => Promise<unknown>;

const directly = (sdk: Sdk, provider: string, call: Call, faults: readonly Fault[] = []): Promise<Seen> =>
  world.see({ through: 'simulator', provider }, faults, (place) => call(sdk.connect(place)));

const relayed = (sdk: Sdk, provider: string, call: Call, faults: readonly Fault[] = []): Promise<Seen> =>
  world.see({ through: 'gateway', provider }, faults, (place) => call(sdk.connect(place)));

/** Waits until the provider is done with every call. */
const tallied = (provider: string) =>
  until(
    () => Promise.resolve(world.gateway.simulator.report()),
    ({ providers }) => providers[provider]?.inFlight === 0,
  );

const scenariosOf = (sdk: Sdk, isFaulty: boolean): readonly Scenario[] =>
  scenarios.filter(({ isFor, faults }) => isFor(sdk) && faults.length > 0 === isFaulty);

describe.each(sdks.map((sdk) => [sdk.name, sdk] as const))(
  '%s, changed only in base URL and key',
  (_, sdk) => {
    const { model } = kinds[sdk.kind];
    const solo = soloOf(sdk.kind);

    it.each(scenariosOf(sdk, false))(
      'sees and sends the same through the gateway: $name',
      async ({ call }: Scenario) => {
        const make: Call = (calls) => call(calls, sdk);
        expectSame(await directly(sdk, solo, make), await relayed(sdk, solo, make));
      },
    );

    it('sees and sends the same where the model is called provider/model', async () => {
      const both =
        (name: string): Call =>
        async (calls) => [await calls.chat(name, 'Hello'), await calls.stream(name, 'Hello')];
      expectSame(await directly(sdk, solo, both(model)), await relayed(sdk, solo, both(`${solo}/${model}`)));
    });
  },
);

/** Behind all others: what a failure proves of an account's limits counts for a minute. */
describe.each(sdks.map((sdk) => [sdk.name, sdk] as const))('%s, where something fails,', (_, sdk) => {
  const { model } = kinds[sdk.kind];
  const solo = soloOf(sdk.kind);
  const team = teamOf(sdk.kind);
  const hello: Call = (calls) => calls.chat(model, 'Hello');

  it.each(scenariosOf(sdk, true))(
    'sees and sends the same through the gateway: $name',
    async ({ call, faults }: Scenario) => {
      const make: Call = (calls) => call(calls, sdk);
      expectSame(await directly(sdk, solo, make, faults), await relayed(sdk, solo, make, faults));
    },
  );

  it.each([401, 429, 500])('sees nothing of the %d of one account among many', async (status) => {
    const direct = await directly(sdk, team, hello);
    const asked: Call = (calls) => calls.chat(`${team}/${model}`, 'Hello');
    const answered = await relayed(sdk, team, asked, [{ kind: 'status', status, count: 1 }]);
    expect(answered.wire[0]?.headers['x-pool-attempts']).toBe('2');
    expectSame(direct, answered);
  });

  it.each([401, 500])('is not blamed for the %d of the only account', async (status) => {
    const failing: Call = (calls) => thrownBy(hello(calls));
    const told = await relayed(sdk, solo, failing, [{ kind: 'status', status }]);
    const toldStatus = told.wire[0]?.status ?? 0;
    expect(toldStatus).toBeGreaterThanOrEqual(500);
    const asOfProvider = await directly(sdk, solo, failing, [{ kind: 'status', status: toldStatus }]);
    expect(told.result).toMatchObject({ class: (asOfProvider.result as { class: string }).class });
  });

  it('throws the same when an answer does not come in time', async () => {
    const waiting: Call = (calls) => calls.timeout(model);
    const hang: readonly Fault[] = [{ kind: 'hang' }];
    const direct = await directly(sdk, solo, waiting, hang);
    expect((await relayed(sdk, solo, waiting, hang)).result).toEqual(direct.result);
    await tallied(solo);
  });

  it('is told of a model that nobody serves as by the provider: of one its provider does not know, and of one the gateway does not', async () => {
    const asked =
      (name: string): Call =>
      (calls) =>
        thrownBy(calls.chat(name, 'Hello'));
    const direct = await directly(sdk, solo, asked('no-such-model'));
    expect(direct.wire[0]?.status).toBe(sdk.kind === 'mistral' ? 400 : 404);
    // The second call finds it noted that the account does not serve the model.
    for (const name of [`${solo}/no-such-model`, `${solo}/no-such-model`, 'no-such-model']) {
      const told = await relayed(sdk, solo, asked(name));
      expect(told.wire.map(({ status }) => status)).toEqual([404]);
      expect(told.result).toMatchObject({ class: (direct.result as { class: string }).class });
      expect((told.result as { message: string }).message).toContain('no-such-model');
    }
  });

  if (keepsThings(sdk)) {
    it('is told of a thing that nobody keeps as by the provider', async () => {
      const asked: Call = (calls) => calls.missing!();
      const direct = await directly(sdk, solo, asked);
      const told = await relayed(sdk, solo, asked);
      for (const { wire } of [direct, told])
        expect(new Set(wire.map(({ status }) => status))).toEqual(new Set([404]));
      const classes = ({ result }: Seen) => (result as { class: string }[]).map((each) => each.class);
      expect(classes(told)).toEqual(classes(direct));
    });
  }

  it('is told of a wrong key by the same class of error', async () => {
    const { gateway } = world;
    const refused = (origin: string): Promise<unknown> =>
      thrownBy(hello(sdk.connect({ origin, apiKey: 'sk-nobody-has-this' })));
    const direct = await refused(`${gateway.simulator.url}/${solo}`);
    expect(await refused(gateway.url)).toMatchObject({ class: (direct as { class: string }).class });
  });

  it('ends the call of the provider when it goes away in the middle of a stream', async () => {
    const leaving: Call = (calls) => calls.leave(model);
    const faults: readonly Fault[] = [{ kind: 'hang_mid_stream' }];
    const ends: unknown[] = [];
    for (const way of [directly, relayed]) {
      const { result } = await way(sdk, solo, leaving, faults);
      const { words, error } = result as { words: string[]; error?: unknown };
      expect(words[0]).toBe('The ');
      const { recent } = await tallied(solo);
      expect(recent.at(-1)).toMatchObject({ provider: solo, aborted: true });
      ends.push(error);
    }
    expect(ends[1]).toEqual(ends[0]);
  });

  it('lists the models of its key', async () => {
    const { callerKey: apiKey, url: origin } = world.gateway;
    const listed = await sdk.connect({ origin, apiKey }).models?.();
    expect(listed ?? [model]).toContain(model);
  });
});

describe('docs/sdk-conformance.md', () => {
  it('shows what is tested here', async () => {
    const page = await readFile('docs/sdk-conformance.md', 'utf8');
    expect(cellsOf(page)).toEqual(cellsOf(conformanceTable()));
  });
});
