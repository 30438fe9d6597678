import type { VaultSettings } from '../gateway-config.js';
import type { FaultList } from './fault-list.js';

/** Reads how to reach Vault. Other programs have `VAULT_*` variables too: without `VAULT_TRANSIT_KEY` they are none of ours. */
export function readVault(list: FaultList): VaultSettings | null {
  const name = list.optional('VAULT_TRANSIT_KEY');
  if (list.value('KEY_ENCRYPTION') === 'vault' && list.text('VAULT_TRANSIT_KEY') === null) {
    list.keep('VAULT_TRANSIT_KEY', { fault: 'must be set where KEY_ENCRYPTION is vault' });
  }
  if (name === null) return null;
  const address = list.optional('VAULT_ADDR');
  if (list.text('VAULT_ADDR') === null) {
    list.keep('VAULT_ADDR', { fault: 'must be set where VAULT_TRANSIT_KEY is' });
  }
  const login = readLogin(list);
  const namespace = list.optional('VAULT_NAMESPACE');
  const mount = list.value('VAULT_TRANSIT_MOUNT');
  return address === null || login === null ? null : { address, namespace, login, mount, name };
}

function readLogin(list: FaultList): VaultSettings['login'] | null {
  const [token, roleId] = [list.optional('VAULT_TOKEN'), list.optional('VAULT_ROLE_ID')];
  const secretId = list.optional('VAULT_SECRET_ID');
  if (token !== null && roleId === null && secretId === null) return { kind: 'token', token };
  if (token === null && roleId !== null && secretId !== null) return { kind: 'approle', roleId, secretId };
  list.keep('VAULT_TOKEN', {
    fault: 'or VAULT_ROLE_ID and VAULT_SECRET_ID must be set where VAULT_TRANSIT_KEY is, and not both',
  });
  return null;
}
