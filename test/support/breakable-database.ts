import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Secret } from '#kernel';

/** A way to a database that a test can cut and mend. */
export interface BreakableDatabase {
  readonly url: Secret;
  cut(): void;
  mend(): void;
  close(): void;
}

/** Puts a relay in front of a database; cut, it drops what is open and refuses what comes. */
export async function breakable(url: Secret): Promise<BreakableDatabase> {
  const target = new URL(url.reveal());
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relayed = new URL(target);
  relayed.hostname = '127.0.0.1';
  relayed.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const close = (): void => {
    cut();
    server.close();
  };
  return { url: new Secret(relayed.href), cut, mend: () => (isCut = false), close };
}
