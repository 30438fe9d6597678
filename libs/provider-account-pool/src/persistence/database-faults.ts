import { DomainError } from '#kernel';
import { isDatabaseDown } from '#persistence';

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';

/**
 * Runs a change against the database and puts the faults people can meet into our own words.
 *
 * @throws DomainError `storage_unavailable` with the database gone, `conflict` with `inTheWay` when a unique or a
 *   foreign key refuses the change; anything else as it came
 */
export async function changing<Result>(inTheWay: string, change: () => Promise<Result>): Promise<Result> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof Error && 'code' in error) {
      const keyed = error.code === uniqueViolation || error.code === foreignKeyViolation;
      if (keyed) throw new DomainError('conflict', inTheWay, { cause: error });
    }
    if (!isDatabaseDown(error)) throw error;
    throw new DomainError('storage_unavailable', 'The database cannot be reached.', { cause: error });
  }
}
