import { promptText } from '../../accounts/token-count.js';
import { eventStream, json, sse } from '../answers.js';
import type { Answer, Serving } from '../dialect.js';
import { countField, jsonOperation, objectField, reading, textField } from '../request-body.js';
import { chatUsage, seconds, serverError } from './common.js';

/** `POST /v1/completions`. */
export const completions = jsonOperation('completions', (fields) => {
  const streamed = fields['stream'] === true;
  const includeUsage = objectField(fields, 'stream_options')['include_usage'] === true;
  return reading({
    model: textField(fields, 'model'),
    prompt: promptText(fields['prompt']),
    streamed,
    maxOutputTokens: countField(fields, 'max_tokens'),
    answer: (serving) => (streamed ? stream(serving, includeUsage) : body(serving)),
  });
});

const head = ({ id, nowMs, model }: Serving) => ({
  id: `cmpl-${id}`,
  object: 'text_completion',
  created: seconds(nowMs),
  model,
});

const choice = (text: string, finish_reason: string | null) => ({
  text,
  index: 0,
  logprobs: null,
  finish_reason,
});

const finish = ({ output }: Serving) => (output.isCut ? 'length' : 'stop');

const body = (serving: Serving): Answer =>
  json({
    ...head(serving),
    choices: [choice(serving.output.text, finish(serving))],
    usage: chatUsage(serving.usage),
  });

function stream(serving: Serving, includeUsage: boolean): Answer {
  const common = head(serving);
  const tail = includeUsage ? { usage: null } : {};
  const chunk = (text: string, finishReason: string | null) =>
    sse({ ...common, choices: [choice(text, finishReason)], ...tail });
  const usage = includeUsage ? sse({ ...common, choices: [], usage: chatUsage(serving.usage) }) : '';
  return {
    kind: 'stream',
    contentType: eventStream,
    opening: '',
    piece: (index) => chunk(serving.output.pieces[index] ?? '', null),
    pieces: serving.output.pieces.length,
    closing: `${chunk('', finish(serving))}${usage}data: [DONE]\n\n`,
    failure: () => sse({ error: serverError }),
  };
}
