import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aModelCall } from '../../../../test/support/a-model-call.js';
import { ProviderRegistry } from '../provider-registry.js';

const registry = new ProviderRegistry();
const credential = new Secret('sk-objects');
const requestOf = (kind: string, baseUrl: string, changes: Parameters<typeof aModelCall>[0]) =>
  registry
    .get(kind)
    ?.request(aModelCall({ operation: 'stored_objects', json: null, contentType: '', ...changes }), {
      baseUrl,
      credential,
      model: '',
    });

describe('requests for what a provider keeps', () => {
  it('go below the base URL, with the method that was asked for and no body where there is none', () => {
    const object = { kind: 'files', method: 'DELETE', path: '/files/file-a' } as const;
    const request = requestOf('openai', 'http://host.test/v1', { object });
    expect(request).toMatchObject({
      method: 'DELETE',
      origin: 'http://host.test',
      path: '/v1/files/file-a',
      body: null,
    });
    expect(request?.headers).toMatchObject({ authorization: 'Bearer sk-objects' });
    expect(request?.headers).not.toHaveProperty('content-type');
  });

  it('go below the version of the API where the base URL is the bare host', () => {
    const object = { kind: 'message_batches', method: 'POST', path: '/messages/batches' } as const;
    const body = Buffer.from('{"requests":[]}');
    const contentType = 'application/json';
    const request = requestOf('anthropic', 'http://host.test', {
      object,
      body,
      contentType,
      wireFormat: 'anthropic',
    });
    expect(request).toMatchObject({ method: 'POST', path: '/v1/messages/batches' });
    expect(request?.body).toBe(body);
    expect(request?.headers).toMatchObject({ 'content-type': contentType });
  });

  it('of Gemini say themselves in which of its two places they go', () => {
    const object = { kind: 'gemini_files', method: 'PATCH', path: '/upload/v1beta/files?a=b' } as const;
    const request = requestOf('google', 'http://host.test/g', { object, wireFormat: 'gemini' });
    expect(request).toMatchObject({ method: 'PATCH', path: '/g/upload/v1beta/files?a=b', body: null });
    expect(request?.headers).toMatchObject({ 'x-goog-api-key': 'sk-objects' });
  });

  it('open an upload for each attempt, of its length where that is known', () => {
    const opened: string[] = [];
    const upload = (length: number | null) => ({
      isSpent: false,
      lengthWith: () => length,
      open: (model: string) => {
        opened.push(model);
        return Readable.from(['x']);
      },
    });
    const form = { contentType: 'multipart/form-data; boundary=b', operation: 'transcriptions' } as const;
    const known = requestOf('openai', 'http://host.test/v1', { ...form, upload: upload(7) });
    const unknown = requestOf('openai', 'http://host.test/v1', { ...form, upload: upload(null) });
    expect(known).toMatchObject({ path: '/v1/audio/transcriptions', body: null });
    expect(known?.headers['content-length']).toBe('7');
    expect(unknown?.headers).not.toHaveProperty('content-length');
    expect(opened).toEqual([]);
    known?.openBody?.();
    expect(opened).toEqual(['']);
  });
});
