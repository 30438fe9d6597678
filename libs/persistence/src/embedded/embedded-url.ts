import { Secret } from '#kernel';

/** How the embedded Postgres is reached from this machine. */
export const embeddedUrl = (password: string, port: number): Secret =>
  new Secret(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`);
