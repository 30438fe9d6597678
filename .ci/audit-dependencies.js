/**
 * Fails when what this product runs on has a known fault of high or critical severity. Where the registry answers no such
 * question, it says so and fails nothing.
 */
import { spawnSync } from 'node:child_process';

const severe = ['high', 'critical'];
const options = ['--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
const { stdout = '' } = spawnSync('npm', ['audit', ...options], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  timeout: 60_000,
});

function answerOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const { vulnerabilities, metadata } = answerOf(stdout);
if (vulnerabilities === undefined || metadata === undefined) {
  console.warn(
    'Dependencies were NOT audited: the registry gave no answer. Run npm run check:audit where it does.',
  );
} else {
  const found = Object.values(vulnerabilities).filter(({ severity }) => severe.includes(severity));
  for (const { name, severity, range } of found) console.error(`${severity}: ${name} ${range}`);
  if (found.length > 0) process.exitCode = 1;
  else
    console.log(`${metadata.dependencies?.prod ?? 'All'} dependencies have no known fault of high severity.`);
}
