import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderRegistry } from '#ai-provider';
import { ABench, credential, json, never } from './a-bench.js';

let bench: ABench;
const asked: string[] = [];
const registry = new ProviderRegistry();

beforeAll(async () => {
  bench = await ABench.start();
});
afterAll(() => bench.stop());

/** Answers each request in turn; of the last one, all that come. */
function answering(...pages: readonly unknown[]): void {
  asked.length = 0;
  bench.server.behave((response, request) => {
    asked.push(request.url ?? '');
    const page = pages[Math.min(asked.length, pages.length) - 1];
    response.writeHead(200, json).end(typeof page === 'string' ? page : JSON.stringify(page));
  });
}

async function modelsOf(kind: string, baseUrl = bench.server.url) {
  const adapter = registry.get(kind);
  if (adapter === null) throw new Error(`no adapter for ${kind}`);
  return bench.client.models(adapter, { baseUrl, credential }, never);
}

describe('the models of a key', () => {
  it('come in one list from OpenAI and its like, each once, in order', async () => {
    answering({ object: 'list', data: [{ id: 'b' }, { id: 'a' }, { id: 'b' }, { id: 7 }, null, { id: '' }] });
    expect(await modelsOf('openai')).toEqual({ kind: 'listed', models: ['a', 'b'] });
    expect(asked).toEqual(['/v1/models']);
    answering([{ id: 'x' }]);
    expect(await modelsOf('together')).toEqual({ kind: 'listed', models: ['x'] });
  });

  it('come page by page from Anthropic and Gemini, to the last', async () => {
    answering(
      { data: [{ id: 'one' }], has_more: true, last_id: 'one' },
      { data: [{ id: 'two' }], has_more: false, last_id: 'two' },
    );
    expect(await modelsOf('anthropic')).toEqual({ kind: 'listed', models: ['one', 'two'] });
    expect(asked).toEqual(['/v1/v1/models?limit=1000', '/v1/v1/models?limit=1000&after_id=one']);
    answering(
      { models: [{ name: 'models/one' }], nextPageToken: 'p&2' },
      { models: [{ name: 'models/two' }] },
    );
    expect(await modelsOf('google')).toEqual({ kind: 'listed', models: ['one', 'two'] });
    expect(asked[1]).toBe('/v1/v1beta/models?pageSize=1000&pageToken=p%262');
  });

  it('end at a bound where a server never ends its list', async () => {
    let page = 0;
    bench.server.behave((response) => {
      page += 1;
      const data = [{ id: `m${page}` }];
      response.writeHead(200, json).end(JSON.stringify({ data, has_more: true, last_id: `m${page}` }));
    });
    const listed = await modelsOf('anthropic');
    expect(listed.kind === 'listed' && listed.models.length).toBe(50);
    expect(page).toBe(50);
  });

  it('are a failure, classified, where the answer is an error or no list', async () => {
    bench.server.behave((response) =>
      response.writeHead(401, json).end('{"error":{"code":"invalid_api_key","message":"no"}}'),
    );
    expect(await modelsOf('openai')).toMatchObject({ kind: 'failed', failure: { class: 'authentication' } });
    answering('{"data":"none"}');
    expect(await modelsOf('openai')).toMatchObject({ kind: 'failed' });
    answering('<html>');
    expect(await modelsOf('google')).toMatchObject({ kind: 'failed' });
    expect(await modelsOf('openai', 'no address')).toMatchObject({ kind: 'failed' });
  });

  it('are not asked for where the provider has no list', async () => {
    const adapter = Object.assign(Object.create(registry.get('openai') as object) as object, {
      listModels: undefined,
    }) as NonNullable<ReturnType<typeof registry.get>>;
    const { url: baseUrl } = bench.server;
    expect(await bench.client.models(adapter, { baseUrl, credential }, never)).toEqual({
      kind: 'unsupported',
    });
  });
});
