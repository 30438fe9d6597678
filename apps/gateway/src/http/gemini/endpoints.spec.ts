import { describe, expect, it } from '@jest/globals';
import { geminiEndpoint } from './endpoints.js';

const raw = (json: object) => ({ body: Buffer.from(JSON.stringify(json)), contentType: 'application/json' });

describe('geminiEndpoint', () => {
  it('reads model and verb from the path, whatever the model holds', async () => {
    const endpoint = geminiEndpoint('google/tuned:v2:streamGenerateContent', 'sse');
    expect(endpoint.operation).toBe('generate_content');
    const draft = await endpoint.read(raw({ contents: [], generationConfig: { maxOutputTokens: 7 } }));
    expect(draft).toMatchObject({ model: 'google/tuned:v2', stream: true, maxOutputTokens: 7 });
  });

  it.each(['gemini-2.5-flash', ':generateContent', 'm:deleteEverything'])('knows no %p', (path) => {
    expect(() => geminiEndpoint(path, undefined)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('says how to ask for a stream that it can serve', () => {
    expect(() => geminiEndpoint('m:streamGenerateContent', undefined)).toThrow('alt=sse');
  });
});
