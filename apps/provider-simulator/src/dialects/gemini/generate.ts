import { promptText } from '../../accounts/token-count.js';
import { eventStream, json, sse } from '../answers.js';
import type { Answer, OperationRequest, Serving } from '../dialect.js';
import {
  countField,
  invalid,
  jsonOperation,
  objectField,
  objectsIn,
  reading,
  textField,
} from '../request-body.js';
import type { Fields } from '../request-body.js';
import { namedIn } from './named.js';

const promptOf = (fields: Fields) =>
  promptText(fields['tools']) + promptText(fields['systemInstruction']) + promptText(fields['contents']);

const noContents = invalid('* GenerateContentRequest.contents: contents is not specified\n', 'contents');

function readGeneration(
  fields: Fields,
  request: OperationRequest,
  streamed: boolean,
  answer: (serving: Serving) => Answer,
) {
  if (fields['contents'] === undefined) return noContents;
  const named = namedIn(fields, request);
  if (named.kind !== 'named') return named;
  return reading({
    model: request.pathModel,
    prompt: named.cachedPrompt + promptOf(fields),
    cachedTokens: named.cachedTokens,
    streamed,
    maxOutputTokens: countField(objectField(fields, 'generationConfig'), 'maxOutputTokens'),
    tool: requiredTool(fields),
    answerSchema: answerSchema(objectField(fields, 'generationConfig')),
    answer,
  });
}

/** `POST /v1beta/models/{model}:generateContent`. */
export const generateContent = jsonOperation('generateContent', (fields, request) =>
  readGeneration(fields, request, false, whole),
);

/** `POST /v1beta/models/{model}:streamGenerateContent`: events with `alt=sse`, else one JSON array. */
export const streamGenerateContent = jsonOperation('generateContent', (fields, request) =>
  readGeneration(fields, request, true, /(^|&)alt=sse(&|$)/.test(request.query) ? events : array),
);

/** `POST /v1beta/models/{model}:countTokens`. */
export const countTokens = jsonOperation('countTokens', (fields, request) => {
  const within = objectField(fields, 'generateContentRequest');
  const named = namedIn({ contents: fields['contents'], ...within }, request);
  if (named.kind !== 'named') return named;
  const counted = reading({
    model: request.pathModel,
    prompt: named.cachedPrompt + promptOf(fields) + promptOf(within),
    cost: 'free',
    answer: () =>
      json({
        totalTokens: counted.inputTokens,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: counted.inputTokens }],
      }),
  });
  return counted;
});

function requiredTool(fields: Fields) {
  const config = objectField(objectField(fields, 'toolConfig'), 'functionCallingConfig');
  if (config['mode'] !== 'ANY') return undefined;
  const [declared] = objectsIn(fields['tools']).flatMap((tool) => objectsIn(tool['functionDeclarations']));
  return (
    declared && {
      name: textField(declared, 'name'),
      parameters: declared['parametersJsonSchema'] ?? declared['parameters'],
    }
  );
}

function answerSchema(config: Fields): unknown {
  if (config['responseMimeType'] !== 'application/json') return undefined;
  return config['responseJsonSchema'] ?? config['responseSchema'] ?? {};
}

function usageMetadata({ usage }: Serving, outputTokens: number) {
  return {
    promptTokenCount: usage.input,
    ...(usage.cached > 0 && { cachedContentTokenCount: usage.cached }),
    candidatesTokenCount: outputTokens,
    totalTokenCount: usage.input + outputTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }],
  };
}

const finish = ({ output }: Serving) => ({ finishReason: output.isCut ? 'MAX_TOKENS' : 'STOP' });

const body = (serving: Serving, parts: readonly object[], outputTokens: number, end: object) => ({
  candidates: [{ content: { parts, role: 'model' }, ...end, index: 0 }],
  usageMetadata: usageMetadata(serving, outputTokens),
  modelVersion: serving.model,
  responseId: serving.id,
});

/** Gemini never cuts a function call into pieces. */
function functionCall({ output }: Serving) {
  const args: unknown = output.isCut ? {} : JSON.parse(output.text);
  return { functionCall: { name: output.toolName, args } };
}

function whole(serving: Serving): Answer {
  const { output, usage } = serving;
  const part = output.kind === 'text' ? { text: output.text } : functionCall(serving);
  return json(body(serving, [part], usage.output, finish(serving)));
}

const overloaded = {
  error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' },
};

function partsAt(serving: Serving, index: number, isLast: boolean): readonly object[] {
  const { output } = serving;
  if (output.kind === 'text') return [{ text: output.pieces[index] }];
  return isLast ? [functionCall(serving)] : [];
}

/** Each event tells the usage so far; the last one ends with the finish reason. */
function chunkAt(serving: Serving, index: number): object {
  const { output } = serving;
  const isLast = index === output.pieces.length - 1;
  return body(serving, partsAt(serving, index, isLast), index + 1, isLast ? finish(serving) : {});
}

function events(serving: Serving): Answer {
  return {
    kind: 'stream',
    contentType: eventStream,
    opening: '',
    piece: (index) => sse(chunkAt(serving, index)),
    pieces: serving.output.pieces.length,
    closing: '',
    failure: () => sse(overloaded),
  };
}

const separator = (before: number) => (before > 0 ? ',\r\n' : '');

function array(serving: Serving): Answer {
  return {
    kind: 'stream',
    contentType: 'application/json; charset=UTF-8',
    opening: '[',
    piece: (index) => separator(index) + JSON.stringify(chunkAt(serving, index)),
    pieces: serving.output.pieces.length,
    closing: ']',
    failure: (afterPieces) => `${separator(afterPieces)}${JSON.stringify(overloaded)}]`,
  };
}
