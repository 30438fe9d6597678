import { promptText } from '../../accounts/token-count.js';
import { eventStream, json, typedSse } from '../answers.js';
import type { Answer, Serving } from '../dialect.js';
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
import { responseUsage, seconds } from './common.js';

/** `POST /v1/responses`. */
export const responses = jsonOperation('responses', (fields, { shelf }) => {
  const streamed = fields['stream'] === true;
  const previous = textField(fields, 'previous_response_id');
  if (previous !== '' && shelf.get('response', previous) === undefined) {
    return invalid(`Previous response with id '${previous}' not found.`, 'previous_response_id');
  }
  return reading({
    model: textField(fields, 'model'),
    prompt: promptText(fields['tools']) + promptText(fields['instructions']) + promptText(fields['input']),
    streamed,
    maxOutputTokens: countField(fields, 'max_output_tokens'),
    tool: requiredTool(fields),
    answerSchema: answerSchema(fields),
    answer: (serving) => {
      const shown = finished(serving, fields);
      const content = Buffer.from(promptText(fields['input']));
      if (fields['store'] !== false) shelf.put(shown.id, { kind: 'response', shown, content });
      return streamed ? stream(serving, fields) : json(shown);
    },
  });
});

function requiredTool(fields: Fields) {
  const named = objectField(fields, 'tool_choice')['name'];
  if (fields['tool_choice'] !== 'required' && named === undefined) return undefined;
  const tool = objectsIn(fields['tools']).find(
    (each) => each['type'] === 'function' && (named === undefined || each['name'] === named),
  );
  return tool && { name: textField(tool, 'name'), parameters: tool['parameters'] };
}

function answerSchema(fields: Fields): unknown {
  const format = objectField(objectField(fields, 'text'), 'format');
  if (format['type'] === 'json_object') return {};
  return format['type'] === 'json_schema' ? format['schema'] : undefined;
}

/** The response object before anything is generated. */
const started = ({ id, nowMs, model }: Serving, fields: Fields) => ({
  id: `resp_${id}`,
  object: 'response',
  created_at: seconds(nowMs),
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  instructions: fields['instructions'] ?? null,
  max_output_tokens: fields['max_output_tokens'] ?? null,
  metadata: fields['metadata'] ?? {},
  model,
  output: [] as readonly object[],
  parallel_tool_calls: true,
  previous_response_id: fields['previous_response_id'] ?? null,
  store: fields['store'] ?? true,
  temperature: 1,
  text: fields['text'] ?? { format: { type: 'text' } },
  tool_choice: fields['tool_choice'] ?? 'auto',
  tools: fields['tools'] ?? [],
  top_p: 1,
  truncation: 'disabled',
  usage: null as object | null,
});

function finished(serving: Serving, fields: Fields) {
  const { output, nowMs, usage } = serving;
  return {
    ...started(serving, fields),
    status: output.isCut ? 'incomplete' : 'completed',
    completed_at: seconds(nowMs),
    incomplete_details: output.isCut ? { reason: 'max_output_tokens' } : null,
    output: [item(serving, output.text, 'completed')],
    usage: responseUsage(usage),
  };
}

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

function item({ id, output }: Serving, text: string, status: 'in_progress' | 'completed') {
  return output.kind === 'text'
    ? {
        id: `msg_${id}`,
        type: 'message',
        role: 'assistant',
        status,
        content: status === 'in_progress' ? [] : [textPart(text)],
      }
    : {
        id: `fc_${id}`,
        type: 'function_call',
        call_id: `call_${id}`,
        name: output.toolName,
        arguments: text,
        status,
      };
}

function stream(serving: Serving, fields: Fields): Answer {
  const { output } = serving;
  const place = { item_id: `${output.kind === 'text' ? 'msg' : 'fc'}_${serving.id}`, output_index: 0 };
  const inPart = { ...place, content_index: 0 };
  const isText = output.kind === 'text';
  const response = started(serving, fields);
  const before = [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    { type: 'response.output_item.added', output_index: 0, item: item(serving, '', 'in_progress') },
    ...(isText ? [{ type: 'response.content_part.added', ...inPart, part: textPart('') }] : []),
  ];
  const after = [
    ...(isText
      ? [
          { type: 'response.output_text.done', ...inPart, text: output.text, logprobs: [] },
          { type: 'response.content_part.done', ...inPart, part: textPart(output.text) },
        ]
      : [
          {
            type: 'response.function_call_arguments.done',
            ...place,
            name: output.toolName,
            arguments: output.text,
          },
        ]),
    { type: 'response.output_item.done', output_index: 0, item: item(serving, output.text, 'completed') },
    {
      type: output.isCut ? 'response.incomplete' : 'response.completed',
      response: finished(serving, fields),
    },
  ];
  const delta = isText
    ? { type: 'response.output_text.delta', ...inPart, logprobs: [] }
    : { type: 'response.function_call_arguments.delta', ...place };
  return {
    kind: 'stream',
    contentType: eventStream,
    opening: numbered(before, 0),
    piece: (index) =>
      typedSse({ ...delta, delta: output.pieces[index], sequence_number: before.length + index }),
    pieces: output.pieces.length,
    closing: numbered(after, before.length + output.pieces.length),
    failure: () => typedSse(overloaded),
  };
}

const overloaded = {
  type: 'error',
  error: {
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
    message: 'Our servers are currently overloaded. Please try again later.',
    param: null,
  },
  sequence_number: 4,
};

function numbered(events: readonly { readonly type: string }[], first: number): string {
  return events.map((event, index) => typedSse({ ...event, sequence_number: first + index })).join('');
}
