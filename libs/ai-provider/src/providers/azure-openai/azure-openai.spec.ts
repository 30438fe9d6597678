import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aModelCall } from '../../../../../test/support/a-model-call.js';
import type { Authority, UpstreamRequest } from '../../contract/provider-adapter.js';
import { azureOpenAi } from './index.js';

const text = (members: object) => new Secret(JSON.stringify(members));
const key = text({ apiKey: 'k-1', resource: 'acme' });
const undated = 'https://{resource}.openai.azure.com/openai/v1';
const dated = 'https://acme.openai.azure.com';
const authority: Authority = { nowMs: () => 0, token: () => new Secret('entra-1') };
const authorised = async (request: UpstreamRequest, credential: Secret) =>
  (await azureOpenAi.authorize(request, { baseUrl: dated, credential }, authority)).headers;

describe('a request to Azure OpenAI', () => {
  it.each([
    ['the undated surface', undated, key, 'chat_completions', '/openai/v1/chat/completions'],
    [
      'that, of a version',
      undated,
      text({ apiKey: 'k', resource: 'acme', apiVersion: 'preview' }),
      'responses',
      '/openai/v1/responses?api-version=preview',
    ],
    [
      'a deployment',
      dated,
      new Secret('k-1'),
      'chat_completions',
      '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21',
    ],
    [
      'that, of a version',
      dated,
      text({ apiKey: 'k', apiVersion: '2025-04-01-preview' }),
      'embeddings',
      '/openai/deployments/my%20gpt/embeddings?api-version=2025-04-01-preview',
    ],
    [
      'responses, which name no deployment',
      dated,
      new Secret('k'),
      'responses',
      '/openai/responses?api-version=2024-10-21',
    ],
  ] as const)('goes to %s', (_, baseUrl, credential, operation, path) => {
    const request = azureOpenAi.request(aModelCall({ operation }), { baseUrl, credential, model: 'my gpt' });
    expect(request).toMatchObject({ method: 'POST', origin: 'https://acme.openai.azure.com', path });
    expect(JSON.parse(request.body?.toString() ?? '')).toMatchObject({ model: 'my gpt' });
  });

  it('shows a key as Azure wants it, and a token as everybody does', async () => {
    const request = azureOpenAi.request(aModelCall(), {
      baseUrl: dated,
      credential: new Secret('k-1'),
      model: 'm',
    });
    expect(await authorised(request, new Secret('k-1'))).toMatchObject({ 'api-key': 'k-1' });
    const application = text({ tenantId: 't', clientId: 'c', clientSecret: 's' });
    const headers = await authorised(request, application);
    expect(headers).toMatchObject({ authorization: 'Bearer entra-1' });
    expect(headers).not.toHaveProperty('api-key');
  });

  it('asks for the usage of a stream, as OpenAI itself', () => {
    const call = aModelCall({ stream: true });
    const { body } = azureOpenAi.request(call, { baseUrl: dated, credential: new Secret('k'), model: 'm' });
    expect(JSON.parse(body?.toString() ?? '')).toMatchObject({ stream_options: { include_usage: true } });
  });

  it.each([
    [undated, 'k-1', 'must be JSON with "resource", or the base URL must name it'],
    [undated, '{"apiKey":"k","resource":"a.evil.test/"}', 'must have a "resource" made of a-z, 0-9 and "-"'],
    [dated, '{"resource":"acme"}', 'lacks "tenantId"'],
    [dated, '{"tenantId":"t","clientId":"c"}', 'lacks "clientSecret"'],
    [dated, '{"apiKey":7}', 'must have "apiKey" as text'],
    [dated, '{"apiKey"', 'begins like JSON and is none'],
    [dated, 'k-1', null],
  ])('needs the right credential at %s: %s', (baseUrl, credential, fault) => {
    expect(azureOpenAi.credentialFault(new Secret(credential), baseUrl)).toBe(fault);
  });
});
