import { describe, expect, it } from '@jest/globals';
import { AccountPool, entropy } from '#pool-core';
import { poolOptionsOf, poolSettings, queueOptionsOf, settingsFaults } from './pool-settings.js';

const names = Object.keys(poolSettings) as (keyof typeof poolSettings)[];

describe('the settings of a pool', () => {
  it.each(names)('%s is taken within its range and refused beyond it', (name) => {
    const { least, most } = poolSettings[name];
    expect(settingsFaults({ [name]: least })).toEqual([]);
    expect(settingsFaults({ [name]: most })).toEqual([]);
    for (const value of [least - 1, most + 1, NaN, '1', null]) {
      expect(settingsFaults({ [name]: value })).toMatchObject([{ field: `settings.${name}` }]);
    }
  });

  it('let people keep configured limits as an upper bound, whatever the provider tells', () => {
    const { configuredLimits } = new AccountPool(poolOptionsOf(entropy, { capLimits: 1 })).options;
    expect(configuredLimits).toBe('cap');
  });

  it('are by default what their documentation says', () => {
    const said = Object.fromEntries(names.map((name) => [name, poolSettings[name].usual]));
    const usual = new AccountPool({}).options;
    expect(new AccountPool(poolOptionsOf(entropy, said)).options).toEqual(usual);
    expect(queueOptionsOf(said)).toEqual({ maxWaitMs: 2_000, maxEntries: 1_000 });
  });
});
