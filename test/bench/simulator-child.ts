import { startSimulator } from '../../apps/provider-simulator/src/index.js';
import { endWithBench, tellBench } from './bench-child.js';
import { upstreamKeys, upstreamNames } from './upstream.js';

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
  },
});
tellBench({ url: simulator.url });
endWithBench();
