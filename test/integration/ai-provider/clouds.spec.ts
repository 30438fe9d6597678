import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderRegistry, UndiciUpstreamClient } from '#ai-provider';
import type { ModelCall, ProviderAdapter } from '#ai-provider';
import { Secret, systemClock } from '#kernel';
import { aModelCall } from '../../support/a-model-call.js';
import { chunkFrame, exceptionFrame } from '../../support/event-frame.js';
import { aServiceAccount } from '../../support/service-account.js';
import { ASink, json, never, success } from './a-bench.js';
import { AServer } from './a-server.js';

const registry = new ProviderRegistry();
const adapterOf = (kind: string): ProviderAdapter => {
  const adapter = registry.get(kind);
  if (adapter === null) throw new Error(`no adapter for ${kind}`);
  return adapter;
};
const token = (name: string, life: unknown = 3_600) =>
  JSON.stringify({ access_token: name, token_type: 'Bearer', expires_in: life });
const frames = { 'content-type': 'application/vnd.amazon.eventstream' };
const start = { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } };
const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } };
const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } };
const stop = { type: 'message_stop' };
const claude = {
  operation: 'messages',
  wireFormat: 'anthropic',
  json: { model: 'm', max_tokens: 5, stream: true },
  stream: true,
} as const;

describe('clouds', () => {
  let cloud: AServer;
  let issuer: AServer;
  let client: UndiciUpstreamClient;
  const seen: { request: IncomingMessage; body: string }[] = [];
  const answer = (reply: (response: ServerResponse) => void) =>
    cloud.behave((response, request, body) => {
      seen.push({ request, body: body.toString() });
      reply(response);
    });
  const base = () => cloud.url.slice(0, -'/v1'.length);
  const send = (kind: string, credential: Secret, changes: Partial<ModelCall> = {}, signal = never) =>
    client.send(
      {
        adapter: adapterOf(kind),
        call: aModelCall(changes),
        target: { baseUrl: base(), credential, model: 'm' },
      },
      signal,
    );

  beforeAll(async () => {
    [cloud, issuer] = await Promise.all([AServer.start(), AServer.start()]);
    client = new UndiciUpstreamClient({ firstByteTimeoutMs: 2_000 }, systemClock);
  });
  beforeEach(() => {
    seen.length = 0;
    issuer.requests = 0;
    answer((response) => response.writeHead(200, json).end(success));
  });
  afterAll(async () => {
    await client.close();
    await Promise.all([cloud.stop(), issuer.stop()]);
  });

  const application = () =>
    new Secret(
      JSON.stringify({
        tenantId: 'tenant-1',
        clientId: 'client-1',
        clientSecret: 's3cr3t',
        authority: issuer.url.slice(0, -'/v1'.length),
      }),
    );

  describe('Azure by Entra ID', () => {
    it('gets one token for many calls at once, and calls with it', async () => {
      const forms: string[] = [];
      issuer.behave((response, request, body) => {
        forms.push(`${request.url} ${body.toString()}`);
        response.writeHead(200, json).end(token('entra-1'));
      });
      const credential = application();
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send('azure-openai', credential)));
      expect(answers.map(({ kind }) => kind)).toEqual(Array(5).fill('complete'));
      expect(forms).toEqual([
        '/tenant-1/oauth2/v2.0/token grant_type=client_credentials&client_id=client-1&client_secret=s3cr3t&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default',
      ]);
      expect(seen.map(({ request }) => request.headers.authorization)).toEqual(
        Array(5).fill('Bearer entra-1'),
      );
      expect(seen[0]?.request.url).toBe('/openai/deployments/m/chat/completions?api-version=2024-10-21');
    });

    it('gets a new token once the provider refuses the old one', async () => {
      issuer.behave((response) => response.writeHead(200, json).end(token(`entra-${issuer.requests}`)));
      const credential = application();
      await send('azure-openai', credential);
      answer((response) => response.writeHead(401, json).end('{"error":{"code":"401","message":"expired"}}'));
      expect(await send('azure-openai', credential)).toMatchObject({ failure: { class: 'authentication' } });
      answer((response) => response.writeHead(200, json).end(success));
      await send('azure-openai', credential);
      expect(seen.map(({ request }) => request.headers.authorization)).toEqual([
        'Bearer entra-1',
        'Bearer entra-1',
        'Bearer entra-2',
      ]);
    });

    it.each([
      [
        'a refusal',
        401,
        '{"error":"invalid_client","error_description":"AADSTS7000215: s3cr3t"}',
        'authentication',
        'azure-openai.token_refused',
      ],
      [
        'a refusal as OAuth words it',
        400,
        '{"error":"invalid_grant"}',
        'authentication',
        'azure-openai.token_refused',
      ],
      ['no token at all', 200, '{}', 'authentication', 'azure-openai.token_refused'],
      ['a page', 200, '<html>', 'server_error', 'transport.answer_unusable'],
      ['a breakdown', 503, '', 'overloaded', 'azure-openai.status_503'],
    ])(
      'calls %s of the issuer what it is, shows none of it, and sends nothing',
      async (_, status, text, failure, rule) => {
        issuer.behave((response) => response.writeHead(status, json).end(text));
        const told = await send('azure-openai', application());
        expect(told).toMatchObject({ kind: 'failed', answer: null, failure: { class: failure, rule } });
        expect(JSON.stringify(told)).not.toContain('s3cr3t');
        expect(seen).toHaveLength(0);
      },
    );

    it('calls a broken connection to the issuer a failure of the transport', async () => {
      issuer.behave((response) => response.destroy());
      expect(await send('azure-openai', application())).toMatchObject({ failure: { class: 'transport' } });
    });

    it('refuses an issuer at an address of cloud metadata', async () => {
      const members = {
        tenantId: 't',
        clientId: 'c',
        clientSecret: 's',
        authority: 'http://169.254.169.254',
      };
      const told = await send('azure-openai', new Secret(JSON.stringify(members)));
      expect(told).toMatchObject({ kind: 'failed', failure: { rule: 'transport.wrong_address' } });
    });

    it('lets a caller go while a slow issuer is waited for, and keeps the token for the next', async () => {
      const asked = Promise.withResolvers<ServerResponse>();
      issuer.behave((response) => asked.resolve(response));
      const credential = application();
      const caller = new AbortController();
      const gone = send('azure-openai', credential, {}, caller.signal);
      const slow = await asked.promise;
      caller.abort();
      expect(await gone).toMatchObject({ kind: 'aborted' });
      const next = send('azure-openai', credential);
      slow.writeHead(200, json).end(token('late'));
      expect(await next).toMatchObject({ kind: 'complete' });
      expect([issuer.requests, seen.length]).toEqual([1, 1]);
      expect(seen[0]?.request.headers.authorization).toBe('Bearer late');
    });

    it('probes with a token too', async () => {
      issuer.behave((response) => response.writeHead(200, json).end(token('entra-1')));
      const target = { baseUrl: base(), credential: application() };
      expect(await client.probe(adapterOf('azure-openai'), target, never)).toMatchObject({ ok: true });
      expect(seen[0]?.request.url).toBe('/openai/models?api-version=2024-10-21');
    });

    it('names a malformed credential as such, and nothing of it', async () => {
      const told = await send('azure-openai', new Secret('{"tenantId":"canary"}'));
      expect(told).toMatchObject({
        failure: { rule: 'azure-openai.credential_malformed', scope: 'account' },
      });
      expect(JSON.stringify(told)).not.toContain('canary');
    });
  });

  describe('Vertex AI by service account', () => {
    it('exchanges an assertion for a token and streams Claude with it', async () => {
      issuer.behave((response, request) => {
        response.writeHead(200, json).end(token(`from${request.url}`, '3599'));
      });
      const events = [start, delta, end, stop];
      answer((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(
          events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
        );
      });
      const credential = new Secret(aServiceAccount({ token_uri: `${issuer.url}/token` }));
      const told = await send('vertex-ai', credential, claude);
      if (told.kind !== 'stream') throw new Error(`expected a stream, got ${told.kind}`);
      expect(await told.stream.pipe(new ASink())).toMatchObject({
        kind: 'completed',
        usage: { input: 9, output: 2 },
      });
      expect(seen[0]?.request.headers.authorization).toBe('Bearer from/v1/token');
      expect(seen[0]?.request.url).toBe(
        '/v1/projects/acme-1/locations/global/publishers/anthropic/models/m:streamRawPredict',
      );
      expect(seen[0]?.body).toBe('{"anthropic_version":"vertex-2023-10-16","max_tokens":5,"stream":true}');
    });
  });

  describe('Bedrock', () => {
    const keys = { accessKeyId: 'AKID', secretAccessKey: 'canary', region: 'us-east-1' };
    const credential = new Secret(JSON.stringify(keys));

    it('hands a framed stream of Claude on as Anthropic itself would send it', async () => {
      answer((response) => {
        response.writeHead(200, frames);
        for (const byte of Buffer.concat([start, delta, end, stop].map(chunkFrame)))
          response.write(Buffer.from([byte]));
        response.end();
      });
      const told = await send('bedrock', credential, claude);
      if (told.kind !== 'stream') throw new Error(`expected a stream, got ${told.kind}`);
      expect(told.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      const sink = new ASink();
      expect(await told.stream.pipe(sink)).toMatchObject({
        kind: 'completed',
        usage: { input: 9, output: 2 },
      });
      expect(sink.received.match(/^event: \w+$/gm)).toEqual([
        'event: message_start',
        'event: content_block_delta',
        'event: message_delta',
        'event: message_stop',
      ]);
      const { request, body } = seen[0] ?? {};
      expect(request?.url).toBe('/model/m/invoke-with-response-stream');
      expect(request?.headers.authorization).toMatch(
        /Credential=AKID\/\d{8}\/us-east-1\/bedrock\/aws4_request/,
      );
      expect(body).toBe('{"anthropic_version":"bedrock-2023-05-31","max_tokens":5}');
    });

    it('fails over on an exception before output, and ends the stream on one after it', async () => {
      const exception = exceptionFrame('throttlingException', 'Too many tokens');
      answer((response) =>
        response.writeHead(200, frames).end(Buffer.concat([chunkFrame(start), exception])),
      );
      expect(await send('bedrock', credential, claude)).toMatchObject({
        kind: 'failed',
        failure: { class: 'rate_limited', scope: 'model_on_account' },
      });
      const begun = Promise.withResolvers<ServerResponse>();
      answer((response) => {
        response.writeHead(200, frames).write(Buffer.concat([start, delta].map(chunkFrame)));
        begun.resolve(response);
      });
      const told = await send('bedrock', credential, claude);
      if (told.kind !== 'stream') throw new Error(`expected a stream, got ${told.kind}`);
      const sink = new ASink();
      const ended = told.stream.pipe(sink);
      (await begun.promise).end(exception);
      expect(await ended).toMatchObject({ kind: 'failed', failure: { class: 'rate_limited' } });
      expect(sink.received).not.toContain('Too many');
    });

    it('reads errors by the name in the header', async () => {
      answer((response) => {
        response.writeHead(403, { ...json, 'x-amzn-errortype': 'UnrecognizedClientException' });
        response.end('{"message":"The security token included in the request is invalid."}');
      });
      expect(await send('bedrock', credential, claude)).toMatchObject({
        failure: { class: 'authentication' },
      });
    });

    it('sends a Bedrock API key as a bearer, and chat to the surface of OpenAI', async () => {
      expect(await send('bedrock', new Secret('bedrock-api-key-1'))).toMatchObject({ kind: 'complete' });
      expect(seen[0]?.request.url).toBe('/openai/v1/chat/completions');
      expect(seen[0]?.request.headers.authorization).toBe('Bearer bedrock-api-key-1');
    });
  });
});
