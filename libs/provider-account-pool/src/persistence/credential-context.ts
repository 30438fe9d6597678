import type { SealContext } from '#secrets';

/** The cell a sealed credential is bound to. */
export const credentialContext = (credentialId: string): SealContext => ({
  table: 'account_credentials',
  column: 'sealed',
  rowId: credentialId,
});
