import { startSimulator } from '../../apps/provider-simulator/src/index.js';
import { endWithBench, tellBench } from './bench-child.js';
import { slowPaceMs, upstreamKeys, upstreamNames } from './upstream.js';

/** Plain answers at once; streams a chunk every 4 ms, so that each chunk travels alone as from a real provider. */
const simulator = await startSimulator({
  recentCalls: 0,
  providers: {
    [upstreamNames.plain]: { dialect: 'openai', keys: upstreamKeys },
    [upstreamNames.paced]: {
      dialect: 'openai',
      keys: upstreamKeys,
      output: { tokens: 50, tokensPerSecond: 250 },
    },
    [upstreamNames.slow]: {
      dialect: 'openai',
      keys: upstreamKeys,
      output: { tokens: 100, tokensPerSecond: 1_000 / slowPaceMs },
    },
    [upstreamNames.flood]: { dialect: 'openai', keys: upstreamKeys, output: { tokens: 100_000 } },
  },
});
tellBench({ url: simulator.url });
endWithBench();
