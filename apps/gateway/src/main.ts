import 'reflect-metadata';
import { loadGatewayConfig } from './load-gateway-config.js';
import { sayWhatToDoNext } from './say-what-to-do-next.js';
import { startGateway } from './start-gateway.js';

/** Exit status for a start that was refused: the environment or the machine must change first. */
const refusedStart = 78;

/** A terminal and npm each pass the same Ctrl-C on: within this time a second signal is no second wish. */
const sameSignalMs = 1_000;

try {
  const gateway = await startGateway(loadGatewayConfig(process.env));
  let stoppingSinceMs: number | null = null;
  const stop = (): void => {
    if (stoppingSinceMs !== null) {
      if (Date.now() - stoppingSinceMs > sameSignalMs) process.exit(1);
      return;
    }
    stoppingSinceMs = Date.now();
    void gateway.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  sayWhatToDoNext(gateway);
} catch (error) {
  process.stderr.write(
    `The gateway cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(refusedStart);
}
