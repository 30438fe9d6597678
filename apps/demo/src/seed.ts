import type { AdminApi } from './admin-api.js';
import { cast } from './cast.js';

/**
 * Enters the cast into the gateway, as an administrator would. All of it is in force when this returns.
 *
 * @returns the key for the callers
 * @throws Error quoting the answer that refuses something
 */
export async function seed(admin: AdminApi): Promise<string> {
  for (const { provider, model, accounts } of cast) {
    for (const { name, credential, weight, configured } of accounts) {
      await admin.post('/accounts', { provider, name, credential, weight, limits: configured });
    }
    await admin.post('/routes', { name: model, tiers: [[{ provider, model, weight: 1 }]] });
  }
  const { secret } = await admin.post<{ secret: string }>('/api-keys', { name: 'demo', scopes: ['call'] });
  return secret;
}
