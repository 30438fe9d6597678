import { DomainError } from '#kernel';

/** @returns `not_found` */
export const noSuchKey = (id: string): DomainError =>
  new DomainError('not_found', `There is no API key '${id}'.`);

/** @returns `not_found` */
export const noSuchPolicy = (id: string): DomainError =>
  new DomainError('not_found', `There is no rotation policy '${id}'.`);

/** @returns `conflict`: its new secret was not handed over yet */
export const isScheduled = (rotationId: string): DomainError =>
  new DomainError(
    'conflict',
    `Rotation '${rotationId}' of the API key is under way. Abort it, or send emergency: true to end it now.`,
  );

/** @returns `not_found`, the same for a text that is no key and for one that is nobody's */
export const noKeyPresented = (): DomainError =>
  new DomainError('not_found', 'There is no API key with this secret.');

/** @returns `conflict`: the key that asks for the change could not be used from where it asks */
export const wouldLockOut = (): DomainError =>
  new DomainError(
    'conflict',
    'The list leaves out the address this request comes from, and it is the list of the key that makes it. Send force: true if that is meant.',
    { field: 'entries' },
  );

/** @returns `conflict`: the version of the change is not the row's */
export const keyHasChanged = (): DomainError =>
  new DomainError('conflict', 'The API key has changed since it was read.');

/** @returns `conflict`: revoking is for good */
export const keyIsRevoked = (): DomainError =>
  new DomainError('conflict', 'The API key is revoked: it can only be read or deleted.');

/** @returns `invalid_request` */
export const unknownCursor = (): DomainError =>
  new DomainError('invalid_request', 'Unknown cursor.', { field: 'cursor' });

/** @returns `invalid_request` */
export const wrongLimit = (): DomainError =>
  new DomainError('invalid_request', 'limit must be a whole number from 1 to 500.', { field: 'limit' });
