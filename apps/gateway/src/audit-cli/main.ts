import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { GatewayConfig } from '#config';
import { runningDatabase } from '#persistence';
import { loadGatewayConfig } from '../load-gateway-config.js';
import { AuditCliModule } from './audit-cli.module.js';
import { commands, type AuditCommand, type CommandAnswer } from './commands.js';
import { readFilesToVerify, refuseWithoutPeppers, verifyFiles } from './verify-files.js';

/** As of the gateway: the environment or the machine must change first. */
const refusedStart = 78;
const wrongUsage = 64;
/** Far longer than any secret. */
const longestInput = 65_536;

const [name = '', ...words] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  const usage = Object.entries(commands).map(
    ([each, { does }]) => `  npm run audit -- ${each}\n      ${does}\n`,
  );
  process.stderr.write(`Usage:\n${usage.join('')}`);
  process.exit(wrongUsage);
}

try {
  const config = loadGatewayConfig(process.env);
  const files = name === 'verify' ? readFilesToVerify(words) : null;
  const { lines, ok } = files === null ? await onDatabase(command, config) : await verifyFiles(files, config);
  const text = lines.map((line) => `${line}\n`).join('');
  // The application is left, not closed: what ends with a gateway, such as the last checkpoint, is not for a command.
  process.stdout.write(text, () => process.exit(ok ? 0 : 1));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(refusedStart);
}

async function onDatabase(command: AuditCommand, config: GatewayConfig): Promise<CommandAnswer> {
  const database = await runningDatabase(config);
  refuseWithoutPeppers({ dataDir: config.dataDir, keyPeppers: config.keys.keyPeppers });
  const module = AuditCliModule.forRoot(config, database);
  const app = await NestFactory.createApplicationContext(module, { abortOnError: false, logger: false });
  return command.run(app, readInput);
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8')) {
    text += String(piece);
    if (text.length > longestInput) throw new Error(`The secret has more than ${longestInput} characters.`);
  }
  return text;
}
