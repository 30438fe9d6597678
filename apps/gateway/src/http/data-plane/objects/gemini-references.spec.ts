import { describe, expect, it } from '@jest/globals';
import { referencesInGemini } from './gemini-references.js';

const idsIn = (json: Record<string, unknown>) =>
  referencesInGemini(json).map(({ kind, id, field }) => `${kind} ${id} ${field}`);
const uri = (id: string) => `https://generativelanguage.googleapis.com/v1beta/files/${id}`;
const asking = (...parts: object[]) => ({ contents: [{ role: 'user', parts: [{ text: 'x' }, ...parts] }] });

describe('what a request for Gemini names by id', () => {
  it('is found in both spellings, once each: files of contents, instructions, results of functions; the cache', () => {
    const json = {
      ...asking(
        { fileData: { fileUri: uri('a') } },
        { file_data: { file_uri: uri('b') } },
        { fileData: { fileUri: uri('a') }, file_data: { fileUri: uri('both') } },
        { functionResponse: { name: 'f', parts: [{ fileData: { fileUri: uri('c') } }] } },
      ),
      systemInstruction: { parts: { fileData: { fileUri: 'files/d' } } },
      cachedContent: 'cachedContents/e',
      cached_content: 'cachedContents/f',
    };
    expect(idsIn(json)).toEqual([
      'gemini_caches e cachedContent',
      'gemini_caches f cached_content',
      'gemini_files a fileUri',
      'gemini_files b file_uri',
      'gemini_files both fileUri',
      'gemini_files c fileUri',
      'gemini_files d fileUri',
    ]);
  });

  it('is found one level deeper where requests are counted or embedded together', () => {
    const part = { fileData: { fileUri: uri('a') } };
    const counted = { generateContentRequest: { ...asking(part), cachedContent: 'cachedContents/c' } };
    expect(idsIn(counted)).toEqual(['gemini_caches c cachedContent', 'gemini_files a fileUri']);
    expect(idsIn({ requests: [{ content: { parts: [part] } }, null, 7] })).toEqual([
      'gemini_files a fileUri',
    ]);
    expect(idsIn({ content: { parts: [part] } })).toEqual(['gemini_files a fileUri']);
  });

  it.each([
    uri('x'),
    'https://generativelanguage.googleapis.com/v1/files/x:download?alt=media',
    'https://GenerativeLanguage.googleapis.com:443/v1alpha/%66iles/x#y',
    'https://generativelanguage.mtls.googleapis.com/v1beta/files/x',
    'http://generativelanguage.googleapis.com./files/x',
    'files/x',
  ])('is found however Google might read it: %s', (fileUri) => {
    expect(idsIn(asking({ fileData: { fileUri } }))).toEqual(['gemini_files x fileUri']);
  });

  it.each([
    'gs://bucket/files/x',
    'https://www.youtube.com/watch?v=files/x',
    'https://host.test/v1beta/files/x',
    'https://storage.googleapis.com/files/x',
    'https://generativelanguage.googleapis.com/v1beta/%',
    'https://generativelanguage.googleapis.com.host.test/v1beta/files/x',
    'profiles/x',
    7,
  ])('is not what lies in other places: %s', (fileUri) => {
    expect(idsIn(asking({ fileData: { fileUri } }))).toEqual([]);
  });

  it('is nothing in texts, in names of Vertex AI, and in what is no request at all', () => {
    expect(idsIn(asking({ text: uri('x') }))).toEqual([]);
    expect(idsIn({ cachedContent: 'projects/p/locations/l/cachedContents/1', contents: 'text' })).toEqual([]);
    expect(idsIn({ contents: [null, { parts: [null, 'x', { fileData: null }] }], requests: 'x' })).toEqual(
      [],
    );
  });

  it('is looked for without end in no depth', () => {
    let parts: unknown = [{ fileData: { fileUri: uri('x') } }];
    for (let depth = 0; depth < 200_000; depth += 1) parts = [{ functionResponse: { parts } }];
    expect(idsIn({ contents: [{ parts }] })).toEqual([]);
  });

  it('is refused where it is more than anybody would look up', () => {
    const parts = Array.from({ length: 1_001 }, (_, at) => ({ fileData: { fileUri: uri(`f${at}`) } }));
    expect(() => referencesInGemini(asking(...parts))).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
    expect(referencesInGemini(asking(...parts.slice(1)))).toHaveLength(1_000);
  });
});
