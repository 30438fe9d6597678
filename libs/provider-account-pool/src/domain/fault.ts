import { DomainError } from '#kernel';

/** One thing wrong with what a person sent. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}

/** @throws DomainError `invalid_request` when there are any faults */
export function refuseFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const message = `${first.field} ${first.message}.`;
  throw new DomainError('invalid_request', message, { field: first.field, faults });
}
