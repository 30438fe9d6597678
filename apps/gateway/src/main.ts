import 'reflect-metadata';
import { loadGatewayConfig } from './load-gateway-config.js';
import { sayWhatToDoNext } from './say-what-to-do-next.js';
import { startGateway } from './start-gateway.js';

/** Exit status for a start that was refused: the environment or the machine must change first. */
const refusedStart = 78;

try {
  const gateway = await startGateway(loadGatewayConfig(process.env));
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
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
