import { once } from 'node:events';
import { openDatabase } from '#persistence';
import { silentLogger } from './silent-logger.js';

/**
 * A process of its own that opens the database of a data directory (first argument), says `ready`, and holds it until its input
 * ends: by closing it, or by leaving without (second argument `leave`).
 */
const [dataDir = '', ending] = process.argv.slice(2);
const database = await openDatabase({ dataDir, database: { url: null, migrationUrl: null } }, silentLogger);
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
if (ending === 'leave') process.exit(0);
await database.close();
