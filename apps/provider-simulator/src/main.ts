import { readFile } from 'node:fs/promises';
import { startSimulator } from './start-simulator.js';
import type { Scenario } from './scenario/scenario.js';

/** What runs without a scenario file: one key for each of the four wire formats. */
const exampleScenario: Scenario = {
  output: { tokens: 20, tokensPerSecond: 100 },
  providers: {
    openai: { keys: ['sk-sim-openai-1'] },
    groq: { keys: ['gsk_sim_groq_1'] },
    anthropic: { keys: ['sk-ant-sim-1'] },
    google: { keys: ['AIzaSim1'] },
  },
};

const { SIM_PORT = '4010', SIM_HOST = '127.0.0.1', SIM_SCENARIO } = process.env;
const scenario = SIM_SCENARIO
  ? (JSON.parse(await readFile(SIM_SCENARIO, 'utf8')) as Scenario)
  : exampleScenario;
const simulator = await startSimulator(scenario, { port: Number(SIM_PORT), host: SIM_HOST });
process.stdout.write(`${simulator.url}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close());
}
