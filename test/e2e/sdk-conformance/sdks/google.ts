import { FunctionCallingConfigMode, GoogleGenAI, type GenerateContentResponse } from '@google/genai';
import { leftAtFirstWord, patienceMs, placeSchema, thrownBy, type Calls, type Sdk } from '../sdk.js';

const declared = { name: 'weather', description: 'Tells the weather.', parametersJsonSchema: placeSchema };
const tools = [{ functionDeclarations: [declared] }];
const toolConfig = { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } };
const asked = { contents: 'Weather?', config: { tools, toolConfig } };

/** Google's own SDK. */
export const google: Sdk = {
  name: '@google/genai',
  kind: 'google',
  connect: ({ origin, apiKey }) => callsOf(new GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin } })),
};

/** An answer without the headers it came with, which the SDK hangs on it. */
const withoutHeaders = ({ sdkHttpResponse: _, ...answer }: object & { sdkHttpResponse?: unknown }): object =>
  answer;

function callsOf({ models }: GoogleGenAI): Calls {
  const streamed = async (request: Parameters<typeof models.generateContentStream>[0]) =>
    (await Array.fromAsync(await models.generateContentStream(request))).map(withoutHeaders);
  return {
    chat: async (model, contents) => [
      withoutHeaders(await models.generateContent({ model, contents })),
      withoutHeaders(await models.countTokens({ model, contents })),
    ],
    stream: (model, contents) => streamed({ model, contents }),
    tools: async (model) => {
      const first = await models.generateContent({ model, ...asked });
      const { name = '' } = first.functionCalls![0]!;
      const contents = [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        first.candidates![0]!.content!,
        { role: 'user', parts: [{ functionResponse: { name, response: { degrees: 17 } } }] },
      ];
      const next = await models.generateContent({ model, contents, config: { tools } });
      return [withoutHeaders(first), withoutHeaders(next)];
    },
    toolStream: (model) => streamed({ model, ...asked }),
    structured: async (model) => {
      const config = { responseMimeType: 'application/json', responseJsonSchema: placeSchema };
      return withoutHeaders(await models.generateContent({ model, contents: 'Where?', config }));
    },
    embeddings: async (model) => withoutHeaders(await models.embedContent({ model, contents: ['a', 'b'] })),
    models: async () =>
      (await Array.fromAsync(await models.list())).map(({ name = '' }) => name.replace('models/', '')),
    leave: async (model) => {
      const abort = new AbortController();
      const config = { abortSignal: abort.signal };
      const stream = await models.generateContentStream({ model, contents: 'Hello', config });
      return leftAtFirstWord(
        stream,
        ({ text }: GenerateContentResponse) => text,
        () => abort.abort(),
      );
    },
    timeout: (model) => {
      const config = { httpOptions: { timeout: patienceMs } };
      return thrownBy(models.generateContent({ model, contents: 'Hello', config }));
    },
  };
}
