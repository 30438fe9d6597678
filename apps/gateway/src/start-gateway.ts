import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiKeysService } from '#api-keys';
import { AccessJournal } from '#audit';
import type { GatewayConfig } from '#config';
import type { Secret } from '#kernel';
import { createLogger, NestLogger, type Logger } from '#observability';
import { openDatabase, runMigrations, type OpenDatabase } from '#persistence';
import { GatewayModule } from './gateway.module.js';
import { Authentication } from './http/authentication.js';
import { DataPlane } from './http/data-plane/data-plane.js';
import { OpenCalls } from './http/data-plane/open-calls.js';
import { createFastifyAdapter, type ServerTimeouts } from './http/fastify-adapter.js';
import { FrontDoor } from './http/front-door.js';
import { protectPages } from './http/html-headers.js';
import { ProblemFilter } from './http/problem.filter.js';
import { serveSwagger } from './http/swagger.js';

/** A gateway that serves. */
export interface RunningGateway {
  /** Where it listens, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Only at the first start without `ADMIN_API_KEY`: show it once, it is stored nowhere. */
  readonly generatedAdminKey: Secret | null;
  /** Stops accepting, lets open calls finish or times them out, flushes usage, closes the database. */
  close(): Promise<void>;
}

/**
 * Starts everything in order: database, migrations, modules, listener. What was started is stopped again when a later
 * step fails.
 *
 * @param timeouts how long clients may take; the usual ones when left out
 * @throws Error saying what a person must change: the port is taken, the database cannot be opened, ...
 */
export async function startGateway(
  config: GatewayConfig,
  timeouts?: ServerTimeouts,
): Promise<RunningGateway> {
  const logger = createLogger({ level: config.logging.level });
  const database = await openDatabase(config, logger);
  try {
    await runMigrations(database.ownerUrl, logger, database.applicationRole);
    return await serve(await createApp(config, database, logger, timeouts), config, database, logger);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function serve(
  app: NestFastifyApplication,
  config: GatewayConfig,
  database: OpenDatabase,
  logger: Logger,
): Promise<RunningGateway> {
  try {
    await app.init();
    const generatedAdminKey = await generateAdminKey(app, config);
    await app.listen(config.server.port, config.server.host);
    return { url: urlOf(app), generatedAdminKey, close: () => close(app, config, database, logger) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function generateAdminKey(
  app: NestFastifyApplication,
  { keys }: GatewayConfig,
): Promise<Secret | null> {
  return keys.adminApiKey === null ? app.get(ApiKeysService).bootstrapAdminKey() : null;
}

async function createApp(
  config: GatewayConfig,
  database: OpenDatabase,
  logger: Logger,
  timeouts?: ServerTimeouts,
): Promise<NestFastifyApplication> {
  const door = new FrontDoor();
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot(config, database),
    createFastifyAdapter(door, config, timeouts),
    { bodyParser: false, abortOnError: false, logger: new NestLogger(logger) },
  );
  app.useGlobalFilters(new ProblemFilter(logger, app.get(AccessJournal)));
  app.get(Authentication).guard(app.getHttpAdapter().getInstance());
  await protectPages(app);
  serveSwagger(app);
  door.open(app.get(DataPlane));
  return app;
}

async function close(
  app: NestFastifyApplication,
  { server }: GatewayConfig,
  database: OpenDatabase,
  logger: Logger,
): Promise<void> {
  app.getHttpServer().close();
  const aborted = await app.get(OpenCalls).drain(server.shutdownTimeoutMs);
  if (aborted > 0) logger.warn('calls were aborted because they did not end in time', { aborted });
  await app.close();
  await database.close();
}

function urlOf(app: NestFastifyApplication): string {
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host.replace('0.0.0.0', '127.0.0.1').replace('[::]', '127.0.0.1')}:${address.port}`;
}
