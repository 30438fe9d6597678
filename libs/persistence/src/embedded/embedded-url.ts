import { Secret } from '#kernel';

/** The role that owns the schema of the embedded Postgres and runs migrations. */
export const ownerRole = 'postgres';
/** The role the application connects as; it owns nothing. */
export const applicationRole = 'gateway_app';

/** How the embedded Postgres is reached from this machine. */
export const embeddedUrl = (role: string, password: string, port: number): Secret =>
  new Secret(`postgres://${role}:${password}@127.0.0.1:${port}/postgres`);
