import type { Operation } from '#ai-provider';
import { DomainError } from '#kernel';
import type { CallDraft, CallRoute, Endpoint, RawCall } from '../data-plane/call-reader.js';
import { estimateTokens } from '../data-plane/estimate-tokens.js';
import { readCount, readJsonObject, requireText, type JsonObject } from '../data-plane/read-json.js';

type OutputBound = (json: JsonObject) => number | null;

const none: OutputBound = () => 0;
const completion: OutputBound = (json) => {
  const perChoice = readCount(json, 'max_completion_tokens') ?? readCount(json, 'max_tokens');
  return perChoice === null ? null : perChoice * (readCount(json, 'n') ?? 1);
};
const response: OutputBound = (json) => readCount(json, 'max_output_tokens');

function jsonEndpoint(operation: Operation, outputBound: OutputBound, defaultModel?: string): Endpoint {
  const read = ({ body, contentType }: RawCall): CallDraft => {
    const json = readJsonObject(body, contentType);
    const model = json['model'] === undefined && defaultModel ? defaultModel : requireText(json, 'model');
    return {
      model,
      stream: json['stream'] === true,
      json,
      inputTokensEstimate: estimateTokens(json),
      maxOutputTokens: outputBound(json),
    };
  };
  return { wireFormat: 'openai', operation, read };
}

/** Audio comes as a form; only its model and whether it is to be streamed are read, the bytes go on as they are. */
async function readTranscription({ body, contentType }: RawCall): Promise<CallDraft> {
  if (!contentType.startsWith('multipart/form-data')) {
    throw new DomainError('unsupported_media_type', 'Send the file as content-type multipart/form-data.');
  }
  const form = await readForm(body, contentType);
  const model = form.get('model');
  if (typeof model !== 'string' || model === '') {
    throw new DomainError('invalid_request', "'model' is required.", { field: 'model' });
  }
  return {
    model,
    stream: form.get('stream') === 'true',
    json: null,
    inputTokensEstimate: 1,
    maxOutputTokens: null,
  };
}

async function readForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch (cause) {
    throw new DomainError('invalid_request', 'The form cannot be read.', { cause });
  }
}

function route(path: string, summary: string, endpoint: Endpoint): CallRoute {
  return { path: `/v1/${path}`, tag: 'OpenAI', summary, endpoint };
}

const transcription: Endpoint = {
  wireFormat: 'openai',
  operation: 'transcriptions',
  read: readTranscription,
};

/** The OpenAI wire format. Bodies are forwarded as they come; see OpenAI's API reference for their fields. */
export const openaiRoutes: readonly CallRoute[] = [
  route(
    'chat/completions',
    'Create a chat completion, plain or streamed',
    jsonEndpoint('chat_completions', completion),
  ),
  route('completions', 'Create a completion (legacy)', jsonEndpoint('completions', completion)),
  route('responses', 'Create a response, plain or streamed', jsonEndpoint('responses', response)),
  route('embeddings', 'Create embeddings', jsonEndpoint('embeddings', none)),
  route('moderations', 'Classify content', jsonEndpoint('moderations', none, 'omni-moderation-latest')),
  route('images/generations', 'Create images', jsonEndpoint('image_generations', none, 'dall-e-2')),
  route('audio/speech', 'Turn text into speech', jsonEndpoint('speech', none)),
  route('audio/transcriptions', 'Turn speech into text', transcription),
];
