import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { runningDatabase } from '#persistence';
import { loadGatewayConfig } from '../load-gateway-config.js';
import { AuditCliModule } from './audit-cli.module.js';
import { commands } from './commands.js';

/** As of the gateway: the environment or the machine must change first. */
const refusedStart = 78;
const wrongUsage = 64;
/** Far longer than any secret. */
const longestInput = 65_536;

const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  const usage = Object.entries(commands).map(
    ([name, { does }]) => `  npm run audit -- ${name}\n      ${does}\n`,
  );
  process.stderr.write(`Usage:\n${usage.join('')}`);
  process.exit(wrongUsage);
}

try {
  const config = loadGatewayConfig(process.env);
  const module = AuditCliModule.forRoot(config, await runningDatabase(config));
  const app = await NestFactory.createApplicationContext(module, { abortOnError: false, logger: false });
  const { lines, ok } = await command.run(app, readInput);
  const text = lines.map((line) => `${line}\n`).join('');
  // The application is left, not closed: what ends with a gateway, such as the last checkpoint, is not for a command.
  process.stdout.write(text, () => process.exit(ok ? 0 : 1));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(refusedStart);
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8')) {
    text += String(piece);
    if (text.length > longestInput) throw new Error(`The secret has more than ${longestInput} characters.`);
  }
  return text;
}
