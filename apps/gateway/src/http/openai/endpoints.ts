import type { Operation } from '#ai-provider';
import { DomainError } from '#kernel';
import type { CallDraft, CallRoute, Endpoint, RawCall } from '../data-plane/call-reader.js';
import { estimateTokens } from '../data-plane/estimate-tokens.js';
import type { FormUpload } from '../data-plane/uploads/form-upload.js';
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
  return { kind: 'body', wireFormat: 'openai', operation, read };
}

/**
 * Sounds and pictures come as forms, which are passed on while they arrive; only the model and whether the answer is to be a
 * stream are read of them.
 */
function formEndpoint(operation: Operation, defaultModel?: string): Endpoint {
  const read = (form: FormUpload): CallDraft => {
    const model = form.model ?? defaultModel ?? '';
    if (model === '') throw new DomainError('invalid_request', "'model' is required.", { field: 'model' });
    const stream = form.asksForStream;
    return { model, stream, json: null, inputTokensEstimate: 1, maxOutputTokens: null };
  };
  return { kind: 'form', wireFormat: 'openai', operation, read };
}

/** Sounds are passed on as they come, unless they were asked for as events. */
function readSpeech(raw: RawCall): CallDraft {
  const json = readJsonObject(raw.body, raw.contentType);
  const isEvents = json['stream_format'] === 'sse';
  return {
    model: requireText(json, 'model'),
    stream: isEvents,
    asBytes: !isEvents,
    json,
    inputTokensEstimate: estimateTokens(json),
    maxOutputTokens: 0,
  };
}

function route(path: string, summary: string, endpoint: Endpoint): CallRoute {
  return { path: `/v1/${path}`, tag: 'OpenAI', summary, endpoint };
}

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
  route('images/edits', 'Edit images', formEndpoint('image_edits', 'dall-e-2')),
  route('images/variations', 'Create variations of an image', formEndpoint('image_variations', 'dall-e-2')),
  route('audio/speech', 'Turn text into speech', {
    kind: 'body',
    wireFormat: 'openai',
    operation: 'speech',
    read: readSpeech,
  }),
  route('audio/transcriptions', 'Turn speech into text', formEndpoint('transcriptions')),
  route('audio/translations', 'Turn speech into English text', formEndpoint('translations')),
];
