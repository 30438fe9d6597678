import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aModelCall } from '../../../test/support/a-model-call.js';
import { AiProviderModule } from './ai-provider.module.js';
import { UpstreamClient } from './contract/upstream-client.js';
import { ProviderRegistry, providerKinds } from './provider-registry.js';

describe('AiProviderModule', () => {
  it('offers the registry and a client, and closes the client at the end', async () => {
    const module = await Test.createTestingModule({ imports: [AiProviderModule.forRoot({})] }).compile();
    const registry = module.get(ProviderRegistry);
    const client = module.get(UpstreamClient);
    expect(registry.kinds).toEqual(providerKinds);
    await module.close();
    const adapter = registry.get('openai');
    if (adapter === null) throw new Error('no adapter for openai');
    const target = { baseUrl: 'http://127.0.0.1:9', credential: new Secret('k'), model: 'm' };
    const answer = await client.send({ adapter, call: aModelCall(), target }, new AbortController().signal);
    expect(answer).toMatchObject({ kind: 'failed' });
  });

  it('refuses options out of their range, quoting them', async () => {
    const module = Test.createTestingModule({
      imports: [AiProviderModule.forRootAsync({ useFactory: () => ({ idleTimeoutMs: 0 }) })],
    });
    await expect(module.compile()).rejects.toThrow('idleTimeoutMs must be a whole number > 0, not 0');
  });
});
