import { describe, expect, it } from '@jest/globals';
import { geminiEndpoint } from './endpoints.js';

const raw = (json: object) => ({ body: Buffer.from(JSON.stringify(json)), contentType: 'application/json' });

describe('geminiEndpoint', () => {
  it('reads model and verb from the path, whatever the model holds', async () => {
    const endpoint = geminiEndpoint('/v1beta/models/google%2Ftuned:v2:streamGenerateContent', '?alt=sse');
    expect(endpoint.operation).toBe('generate_content');
    const draft = await endpoint.read(raw({ contents: [], generationConfig: { maxOutputTokens: 7 } }));
    expect(draft).toMatchObject({ model: 'google/tuned:v2', stream: true, maxOutputTokens: 7 });
  });

  it.each(['gemini-2.5-flash', ':generateContent', 'm:deleteEverything', '%ff:generateContent'])(
    'knows no %p',
    (path) => {
      expect(() => geminiEndpoint(`/v1beta/models/${path}`, '')).toThrow(
        expect.objectContaining({ code: 'not_found' }),
      );
    },
  );

  it('says how to ask for a stream that it can serve', () => {
    expect(() => geminiEndpoint('/v1beta/models/m:streamGenerateContent', '')).toThrow('alt=sse');
  });
});
