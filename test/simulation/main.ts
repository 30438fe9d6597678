import { parseArgs } from 'node:util';
import { briefCatalogue } from './brief-catalogue.js';
import { catalogue } from './catalogue.js';
import { measureTrial, type TrialReport } from './measure-trial.js';
import { barsOf, tableOf } from './table.js';

const { values } = parseArgs({
  options: {
    /** Part of the name of the scenarios wanted. */
    only: { type: 'string', default: '' },
    /** Seeds, separated by commas. Bars are judged by the worst. */
    seeds: { type: 'string', default: '1' },
    /** Leaves out what other policies reach. */
    'no-peers': { type: 'boolean', default: false },
    /** Prints the bars that hold, too. */
    'all-bars': { type: 'boolean', default: false },
    /** The small scenarios that the tests look at. */
    brief: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const seeds = values.seeds.split(',').map(Number);
const trials = (values.brief ? briefCatalogue : catalogue).filter(({ scenario }) =>
  scenario.name.includes(values.only),
);
const reports: TrialReport[] = [];
for (const trial of trials) {
  const startedMs = process.cpuUsage().user / 1_000;
  const report = measureTrial(trial, seeds, !values['no-peers']);
  const missed = report.verdicts.filter(({ holds }) => !holds).length;
  const tookS = (process.cpuUsage().user / 1_000 - startedMs) / 1_000;
  process.stderr.write(
    `${report.name}: ${missed === 0 ? 'ok' : `${missed} bars missed`}, ${tookS.toFixed(1)} s\n`,
  );
  reports.push(report);
}
if (values.json) {
  process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
} else {
  const bars = barsOf(reports, !values['all-bars']);
  const missed = reports.flatMap(({ verdicts }) => verdicts).filter(({ holds }) => !holds).length;
  process.stdout.write(`${tableOf(reports)}\n\n${bars}\n\n`);
  process.stdout.write(`Means of seeds ${values.seeds}; bars by the worst seed: ${missed} missed.\n`);
}
