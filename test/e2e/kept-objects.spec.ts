import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
let openai: OpenAI;
let other: OpenAI;
let root: OpenAI;
let anthropic: Anthropic;
const accounts = new Map<string, string>();

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: {
      openai: { keys: ['sk-a', 'sk-b', 'sk-c'] },
      anthropic: { keys: ['sk-ant-a', 'sk-ant-b'] },
    },
  });
  for (const key of ['sk-a', 'sk-b', 'sk-c']) accounts.set(key, await gateway.addAccount('openai', key));
  for (const key of ['sk-ant-a', 'sk-ant-b']) accounts.set(key, await gateway.addAccount('anthropic', key));
  const { url, callerKey: apiKey, adminKey } = gateway;
  const { body } = await gateway.admin('POST', '/api-keys', { name: 'other', scopes: ['call'] });
  const client = (key: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  openai = client(apiKey);
  other = client(String(body['secret']));
  root = client(adminKey);
  anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
});
afterAll(() => gateway.close());

const aFile = (text = 'line\n') => new File([text], 'in.jsonl');
const upload = (client = openai) => client.files.create({ file: aFile(), purpose: 'batch' });
const model = 'openai/gpt-4o-mini';

describe('files and batches of OpenAI, by the official SDK', () => {
  it('go to the account that keeps them, whatever accounts there are', async () => {
    for (let at = 0; at < 6; at += 1) {
      const file = await openai.files.create({ file: aFile(`${at}\n`), purpose: 'batch' });
      expect((await openai.files.retrieve(file.id)).filename).toBe('in.jsonl');
      expect(await (await openai.files.content(file.id)).text()).toBe(`${at}\n`);
    }
  });

  it('make a batch where its file lies, and give out what it made', async () => {
    const file = await openai.files.create({ file: aFile('{"a":1}\n{"a":2}\n'), purpose: 'batch' });
    const batch = await openai.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    expect(batch.status).toBe('validating');
    expect((await openai.batches.retrieve(batch.id)).status).toBe('in_progress');
    const listed = (await openai.batches.list()).data.find(({ id }) => id === batch.id);
    expect(listed?.status).toBe('completed');
    const lines = (await (await openai.files.content(String(listed?.output_file_id))).text())
      .trim()
      .split('\n');
    expect(lines).toHaveLength(2);
  });

  it('are listed to whom they belong alone, page by page; to the root key all', async () => {
    const mine = await upload(other);
    const second = await upload(other);
    const seen = (await Array.fromAsync(other.files.list({ limit: 1 }))).map(({ id }) => id);
    expect(seen).toEqual([second.id, mine.id]);
    expect((await Array.fromAsync(other.files.list({ purpose: 'vision' }))).length).toBe(0);
    const all = (await Array.fromAsync(root.files.list({ limit: 2 }))).map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining(seen));
    expect(all.length).toBeGreaterThan(2);
    expect((await root.files.retrieve(mine.id)).id).toBe(mine.id);
  });

  it('are not there for another key, nor unknown, nor deleted: the same clear 404', async () => {
    const file = await upload();
    const refused = (id: string, client = openai) =>
      expect(client.files.retrieve(id)).rejects.toMatchObject({
        status: 404,
        code: 'not_found',
        error: { message: `There is no file '${id}'.`, type: 'invalid_request_error' },
      });
    await refused(file.id, other);
    await refused('file-unknown');
    expect(await openai.files.delete(file.id)).toMatchObject({ deleted: true });
    await refused(file.id);
    await expect(
      other.batches.create({
        input_file_id: (await upload()).id,
        endpoint: '/v1/responses',
        completion_window: '24h',
      }),
    ).rejects.toMatchObject({ status: 404, param: 'input_file_id' });
  });

  it('survive a restart, and the loss of the database as far as they were met', async () => {
    const file = await upload();
    await gateway.restart();
    expect((await openai.files.retrieve(file.id)).id).toBe(file.id);
    gateway.database.cut();
    try {
      expect((await openai.files.retrieve(file.id)).id).toBe(file.id);
      await expect(openai.files.retrieve('file-never-met')).rejects.toMatchObject({ status: 503 });
      await expect(upload()).rejects.toMatchObject({ status: 503, code: 'storage_unavailable' });
    } finally {
      gateway.database.mend();
    }
  });

  it('are still given out by an account at rest, and not by one that is disabled', async () => {
    const file = await upload();
    const head = await openai.files.retrieve(file.id).asResponse();
    const id = String(head.headers.get('x-pool-account'));
    await gateway.admin('POST', `/accounts/${id}/pause`, { forSeconds: 60 });
    expect((await openai.files.retrieve(file.id)).id).toBe(file.id);
    await gateway.admin('POST', `/accounts/${id}/disable`, { reason: 'test' });
    await expect(openai.files.retrieve(file.id)).rejects.toMatchObject({
      status: 503,
      code: 'pool_unavailable',
    });
    await gateway.admin('POST', `/accounts/${id}/enable`);
    expect((await openai.files.retrieve(file.id)).id).toBe(file.id);
  });

  it('need a provider to be named where several could be meant, and take the one that is', async () => {
    await expect(
      openai.files.create({ file: aFile(), purpose: 'batch' }, { headers: { 'x-pool-provider': 'nobody' } }),
    ).rejects.toMatchObject({ status: 400, param: 'x-pool-provider' });
    const named = await openai.files.create(
      { file: aFile(), purpose: 'batch' },
      { headers: { 'x-pool-provider': 'openai' } },
    );
    expect(named.object).toBe('file');
  });

  it('are no way around the rules of models', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', {
      name: 'narrow',
      scopes: ['call'],
      models: { allow: ['anthropic/claude-haiku-4-5'], deny: [] },
    });
    const apiKey = String(body['secret']);
    const narrow = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
    const file = await upload(narrow);
    await expect(
      narrow.batches.create({ input_file_id: file.id, endpoint: '/v1/responses', completion_window: '24h' }),
    ).rejects.toMatchObject({ status: 403, code: 'model_not_allowed' });
    const claude = new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 });
    const request = (name: string) => ({
      custom_id: name,
      params: { model: name, max_tokens: 1, messages: [{ role: 'user' as const, content: 'x' }] },
    });
    await expect(
      claude.messages.batches.create({ requests: [request('claude-opus-4-5')] }),
    ).rejects.toMatchObject({
      status: 403,
    });
    const allowed = await claude.messages.batches.create({ requests: [request('claude-haiku-4-5')] });
    expect(allowed.processing_status).toBe('in_progress');
  });

  it('are refused to the provider that failed while it may have acted: nothing is made twice', async () => {
    gateway.simulator.addFault({ kind: 'status', status: 500, operation: 'files', count: 1 });
    const before = (await Array.fromAsync(openai.files.list())).length;
    await expect(upload()).rejects.toMatchObject({ status: 502 });
    expect((await Array.fromAsync(openai.files.list())).length).toBe(before);
  });
});

describe('responses of OpenAI, by the official SDK', () => {
  it('go on where the one before lies, plain and streamed', async () => {
    let previous_response_id: string | null = null as string | null;
    for (let turn = 0; turn < 8; turn += 1) {
      const stream = turn % 2 === 1;
      if (stream) {
        const events: AsyncIterable<OpenAI.Responses.ResponseStreamEvent> = await openai.responses.create({
          model,
          input: `${turn}`,
          previous_response_id,
          stream,
        });
        for await (const event of events as AsyncIterable<OpenAI.Responses.ResponseStreamEvent>)
          if (event.type === 'response.completed') previous_response_id = event.response.id;
      } else {
        const answer: OpenAI.Responses.Response = await openai.responses.create({
          model,
          input: `${turn}`,
          previous_response_id,
        });
        expect(answer.previous_response_id).toBe(previous_response_id);
        previous_response_id = answer.id;
      }
    }
  });

  it('can be shown, their input listed, cancelled and deleted', async () => {
    const { id } = await openai.responses.create({ model, input: 'Hello' });
    expect((await openai.responses.retrieve(id)).id).toBe(id);
    expect((await openai.responses.inputItems.list(id)).data).toHaveLength(1);
    expect((await openai.responses.cancel(id)).status).toBe('cancelled');
    await openai.responses.delete(id);
    await expect(openai.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  it('are unknown to other keys, and where the caller forbade to keep them', async () => {
    const { id } = await openai.responses.create({ model, input: 'Hello' });
    const next = { model, input: 'x', previous_response_id: id };
    await expect(other.responses.create(next)).rejects.toMatchObject({
      status: 404,
      param: 'previous_response_id',
    });
    const unkept = await openai.responses.create({ model, input: 'Hello', store: false });
    await expect(openai.responses.retrieve(unkept.id)).rejects.toMatchObject({ status: 404 });
  });

  it('name files of their own account, and no two accounts', async () => {
    const files = await Promise.all(Array.from({ length: 8 }, () => upload()));
    const holders = new Map<string, string>();
    for (const { id } of files) {
      const { headers } = await openai.files.retrieve(id).asResponse();
      holders.set(String(headers.get('x-pool-account')), id);
    }
    expect(holders.size).toBeGreaterThan(1);
    const input = (ids: readonly string[]) => [
      {
        role: 'user' as const,
        content: ids.map((file_id) => ({ type: 'input_file' as const, file_id })),
      },
    ];
    for (const [account, id] of holders) {
      const { response } = await openai.responses.create({ model, input: input([id]) }).withResponse();
      expect(response.headers.get('x-pool-account')).toBe(account);
    }
    await expect(
      openai.responses.create({ model, input: input([...holders.values()]) }),
    ).rejects.toMatchObject({
      status: 400,
      param: 'file_id',
    });
  });
});

describe('files and batches of Anthropic, by the official SDK', () => {
  it('go to the account that keeps them, and are listed', async () => {
    const file = await anthropic.beta.files.upload({ file: await toFile(Buffer.from('text'), 'a.txt') });
    expect((await anthropic.beta.files.retrieveMetadata(file.id)).filename).toBe('a.txt');
    expect(await (await anthropic.beta.files.download(file.id)).text()).toBe('text');
    expect((await Array.fromAsync(anthropic.beta.files.list())).map(({ id }) => id)).toEqual([file.id]);
    const message = await anthropic.beta.messages.create({
      model: 'anthropic/claude-haiku-4-5',
      max_tokens: 10,
      betas: ['files-api-2025-04-14'],
      messages: [
        { role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: file.id } }] },
      ],
    });
    expect(message.type).toBe('message');
    expect((await anthropic.beta.files.delete(file.id)).type).toBe('file_deleted');
    await expect(anthropic.beta.files.retrieveMetadata(file.id)).rejects.toMatchObject({ status: 404 });
  });

  it('run a batch of messages, whose models may be named with their provider', async () => {
    const batch = await anthropic.messages.batches.create({
      requests: ['one', 'two'].map((custom_id) => ({
        custom_id,
        params: {
          model: 'anthropic/claude-haiku-4-5',
          max_tokens: 5,
          messages: [{ role: 'user' as const, content: custom_id }],
        },
      })),
    });
    expect((await anthropic.messages.batches.retrieve(batch.id)).processing_status).toBe('ended');
    const results = await Array.fromAsync(await anthropic.messages.batches.results(batch.id));
    expect(results.map(({ custom_id }) => custom_id)).toEqual(['one', 'two']);
    expect(results[0]?.result).toMatchObject({ message: { model: 'claude-haiku-4-5' } });
    const listed = await Array.fromAsync(anthropic.messages.batches.list({ limit: 1 }));
    expect(listed.map(({ id }) => id)).toContain(batch.id);
    await anthropic.messages.batches.delete(batch.id);
    await expect(anthropic.messages.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 });
  });
});
