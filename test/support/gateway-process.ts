import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A gateway as operators run it: the built program in a process of its own. */
export interface GatewayProcess {
  readonly child: Child;
  readonly url: string;
  /** Everything it has printed so far. */
  output(): string;
  /** Sends a signal and waits for the end. @returns the exit status, `null` when a signal ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const program = 'dist/apps/gateway/src/main.js';

/** Starts the built gateway and waits until it ends; for starts that must be refused. */
export async function runRefusedGateway(
  environment: Readonly<Record<string, string>>,
): Promise<{ status: number | null; output: string }> {
  const { child, output } = launch(environment);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output: output() };
}

/** Starts the built gateway and waits until it is ready. */
export async function startGatewayProcess(
  environment: Readonly<Record<string, string>>,
): Promise<GatewayProcess> {
  const port = environment['PORT'] ?? String(await freePort());
  const { child, output } = launch({ ...environment, PORT: port });
  const url = `http://127.0.0.1:${port}`;
  let ended = false;
  child.once('close', () => (ended = true));
  while (!output().includes('Serving on')) {
    if (ended) throw new Error(`the gateway ended: ${output()}`);
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (ended) return child.exitCode;
    child.kill(signal);
    await once(child, 'close');
    return child.exitCode;
  };
  return { child, url, output, end };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function launch(environment: Readonly<Record<string, string>>): {
  child: Child;
  output: () => string;
} {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    env: {
      PATH,
      HOME,
      ...(TMPDIR === undefined ? {} : { TMPDIR }),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += String(data)));
  return { child, output: () => printed };
}
