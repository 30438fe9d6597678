import 'reflect-metadata';
import { commandLineDataSource } from '#persistence';

/** The data source of the TypeORM command line; see the migration scripts in package.json. */
export default await commandLineDataSource(process.env);
