import { describe, expect, it } from '@jest/globals';
import { jwtVerify } from 'jose';
import { Secret } from '#kernel';
import { aModelCall } from '../../../../../test/support/a-model-call.js';
import { aServiceAccount, serviceAccountKey } from '../../../../../test/support/service-account.js';
import type { ModelCall } from '../../contract/model-call.js';
import { serviceAccountExchange } from './auth.js';
import { serviceAccount } from './credential.js';
import { vertexAi } from './index.js';

const credential = new Secret(aServiceAccount({ location: 'europe-west1' }));
const send = (changes: Partial<ModelCall>, model: string, baseUrl: string = vertexAi.defaultBaseUrl) =>
  vertexAi.request(aModelCall(changes), { baseUrl, credential, model });
const body = '{"contents":[],"x":1.0}';
const gemini = {
  operation: 'generate_content',
  wireFormat: 'gemini',
  body: Buffer.from(body),
  json: {},
} as const;
const claudeBody = '{"model":"a","max_tokens":5,"stream":true,"x":1.0}';
const claude = { operation: 'messages', wireFormat: 'anthropic', body: Buffer.from(claudeBody) } as const;
const place = '/v1/projects/acme-1/locations/europe-west1';

describe('a request to Vertex AI', () => {
  it.each([
    [
      'a model of Google',
      gemini,
      'gemini-2.5-pro',
      `${place}/publishers/google/models/gemini-2.5-pro:generateContent`,
    ],
    [
      'its stream',
      { ...gemini, stream: true },
      'gemini-2.5-pro',
      `${place}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    ],
    ['a tuned model', gemini, 'endpoints/123', `${place}/endpoints/123:generateContent`],
    [
      'a count',
      { ...gemini, operation: 'gemini_count_tokens' as const, stream: true },
      'models/gemini-2.5-pro',
      `${place}/publishers/google/models/gemini-2.5-pro:countTokens`,
    ],
    [
      'Claude',
      claude,
      'claude-sonnet-4-5@20250929',
      `${place}/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict`,
    ],
    [
      'a stream of Claude',
      { ...claude, stream: true },
      'claude-opus-4',
      `${place}/publishers/anthropic/models/claude-opus-4:streamRawPredict`,
    ],
    [
      'a count of Claude',
      { ...claude, operation: 'count_tokens' as const },
      'claude-opus-4',
      `${place}/publishers/anthropic/models/count-tokens:rawPredict`,
    ],
    [
      'a model that would climb',
      gemini,
      '../x:delete',
      `${place}/publishers/google/models/%2E%2E/x%3Adelete:generateContent`,
    ],
  ])('goes to the right place: %s', (_, changes, model, path) => {
    expect(send(changes, model)).toMatchObject({
      origin: 'https://europe-west1-aiplatform.googleapis.com',
      path,
    });
  });

  it('leaves the words of Gemini as they are, and gives Claude its version in the body', () => {
    expect(send(gemini, 'm').body?.toString()).toBe(body);
    expect(send({ ...claude, stream: true }, 'm').body?.toString()).toBe(
      '{"anthropic_version":"vertex-2023-10-16","max_tokens":5,"stream":true,"x":1.0}',
    );
    const count = send({ ...claude, operation: 'count_tokens' }, 'real').body?.toString();
    expect(JSON.parse(count ?? '')).toMatchObject({ model: 'real', anthropic_version: 'vertex-2023-10-16' });
  });

  it.each([
    [
      'the location of the account',
      { location: 'us-east5' },
      undefined,
      'https://us-east5-aiplatform.googleapis.com',
      'us-east5',
    ],
    [
      'the one in the base URL',
      {},
      'https://asia-east1-aiplatform.googleapis.com',
      'https://asia-east1-aiplatform.googleapis.com',
      'asia-east1',
    ],
    ['the global endpoint where none is told', {}, undefined, 'https://aiplatform.googleapis.com', 'global'],
    [
      "a base URL of one's own",
      { location: 'us' },
      'https://aiplatform.us.rep.googleapis.com',
      'https://aiplatform.us.rep.googleapis.com',
      'us',
    ],
  ])('is made at %s', (_, changes, baseUrl = vertexAi.defaultBaseUrl, origin, location) => {
    const target = { baseUrl, credential: new Secret(aServiceAccount(changes)), model: 'm' };
    const request = vertexAi.request(aModelCall(gemini), target);
    expect(request.origin).toBe(origin);
    expect(request.path).toContain(`/locations/${location}/`);
    expect(vertexAi.probe(target)).toMatchObject({
      origin,
      path: '/v1beta1/publishers/google/models?pageSize=1',
    });
  });
});

describe('a token of a service account', () => {
  const nowMs = Date.parse('2026-09-20T12:00:00Z');

  it('is asked for by an assertion that its public key verifies, good for an hour', async () => {
    const {
      origin,
      path,
      body: form,
    } = await serviceAccountExchange(serviceAccount(credential)).request(nowMs);
    expect(origin + path).toBe('https://oauth2.googleapis.com/token');
    const fields = new URLSearchParams(form?.toString());
    expect(fields.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { payload, protectedHeader } = await jwtVerify(fields.get('assertion') ?? '', serviceAccountKey, {
      currentDate: new Date(nowMs),
      issuer: 'gateway@acme-1.iam.gserviceaccount.com',
      audience: 'https://oauth2.googleapis.com/token',
    });
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(payload).toMatchObject({
      iat: nowMs / 1_000,
      exp: nowMs / 1_000 + 3_600,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    });
  });

  it.each([
    ['a bare key', 'AIza-1', 'must be the JSON of a service account'],
    ['another kind of credential', '{"type":"authorized_user"}', 'lacks "project_id"'],
    ['no key', aServiceAccount({ private_key: undefined }), 'lacks "private_key"'],
    [
      'a broken key',
      aServiceAccount({ private_key: '-----BEGIN x' }),
      'must have an RSA key in PEM as "private_key"',
    ],
    [
      'a location that is none',
      aServiceAccount({ location: 'a/../b' }),
      'must have a "location" made of a-z, 0-9 and "-"',
    ],
  ])('needs the right credential: %s', (_, text, fault) => {
    expect(vertexAi.credentialFault(new Secret(text), vertexAi.defaultBaseUrl)).toBe(fault);
  });
});
