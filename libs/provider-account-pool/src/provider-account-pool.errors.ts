import { DomainError } from '#kernel';

/** No account has this id. */
export const noSuchAccount = (id: string): DomainError =>
  new DomainError('not_found', `There is no account '${id}'.`);

/** The account comes from the environment. */
export const readOnly = (): DomainError =>
  new DomainError(
    'conflict',
    'The account comes from the environment of the process and cannot be changed here.',
  );

/** Somebody else was faster. */
export const changed = (): DomainError =>
  new DomainError('conflict', 'The account has changed since it was read.');

/** Another account of the provider has the same key: what it may use would be counted twice. */
export const credentialTaken = ({ id, name }: { readonly id: string; readonly name: string }): DomainError =>
  new DomainError(
    'conflict',
    `The account '${name}' (${id}) has this credential already; with "allowDuplicate": true it is used twice.`,
    { field: 'credential' },
  );
