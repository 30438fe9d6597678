import { promptText } from '../../accounts/token-count.js';
import { json } from '../answers.js';
import type { Answer, InvalidRequest, Output, Serving } from '../dialect.js';
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
import { eventFrame, exceptionFrame, frameStream } from './event-frame.js';

/** `POST /model/{id}/converse`, and `converse-stream`. Only prompts with a `cachePoint` are cached. */
const converseOf = (streamed: boolean) =>
  jsonOperation('converse', (fields, { body, pathModel }) => {
    const fault = faultOf(fields);
    if (fault !== null) return fault;
    const messages = objectsIn(fields['messages']);
    return reading({
      model: pathModel,
      prompt:
        promptText(fields['toolConfig']) +
        promptText(fields['system']) +
        promptText(messages.map(({ content }) => content)),
      streamed,
      maxOutputTokens: countField(objectField(fields, 'inferenceConfig'), 'maxTokens'),
      tool: requiredTool(objectField(fields, 'toolConfig')),
      answerSchema: schemaIn(fields),
      cacheable: body.includes('"cachePoint"'),
      answer: streamed ? stream : whole,
    });
  });

/** `POST /model/{id}/converse`. */
export const converse = converseOf(false);
/** `POST /model/{id}/converse-stream`. */
export const converseStream = converseOf(true);

/** What the service itself refuses, whatever the model. */
function faultOf(fields: Fields): InvalidRequest | null {
  const messages = objectsIn(fields['messages']);
  if (messages.length === 0) return invalid('The value at messages must not be empty.');
  const isAlternating = messages.every(
    ({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant'),
  );
  if (!isAlternating) {
    return invalid(
      'A conversation must start with a user message and alternate between user and assistant roles. Try again with a conversation that does.',
    );
  }
  const blocks = messages.flatMap(({ content }) => objectsIn(content));
  if (blocks.some(({ text }) => typeof text === 'string' && text.trim() === '')) {
    return invalid(
      'The text field in the ContentBlock object is blank. Add text to the text field, and try again.',
    );
  }
  const usesTools = blocks.some((block) => 'toolUse' in block || 'toolResult' in block);
  if (usesTools && fields['toolConfig'] === undefined) {
    return invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  }
  const { temperature = 0 } = objectField(fields, 'inferenceConfig');
  return typeof temperature === 'number' && temperature <= 1
    ? null
    : invalid('The value at inferenceConfig.temperature must be at most 1.');
}

function requiredTool(config: Fields) {
  const choice = objectField(config, 'toolChoice');
  const wanted = 'tool' in choice ? textField(objectField(choice, 'tool'), 'name') : null;
  if (wanted === null && !('any' in choice)) return undefined;
  const specs = objectsIn(config['tools']).map((tool) => objectField(tool, 'toolSpec'));
  const spec = specs.find((each) => wanted === null || each['name'] === wanted);
  return spec && { name: textField(spec, 'name'), parameters: objectField(spec, 'inputSchema')['json'] };
}

function schemaIn(fields: Fields): unknown {
  const format = objectField(objectField(fields, 'outputConfig'), 'textFormat');
  const text = objectField(objectField(format, 'structure'), 'jsonSchema')['schema'];
  return typeof text === 'string' ? JSON.parse(text) : undefined;
}

function stopReason(output: Output): string {
  if (output.isCut) return 'max_tokens';
  return output.kind === 'tool_call' ? 'tool_use' : 'end_turn';
}

const usageOf = ({ usage, cacheWritten }: Serving) => ({
  inputTokens: usage.input - usage.cached - cacheWritten,
  outputTokens: usage.output,
  totalTokens: usage.input + usage.output,
  cacheReadInputTokens: usage.cached,
  cacheWriteInputTokens: cacheWritten,
});
const metrics = { latencyMs: 7 };
const toolUseId = ({ id }: Serving) => `tooluse_${id}`;

function whole(serving: Serving): Answer {
  const { output } = serving;
  const input: unknown = output.kind === 'tool_call' && !output.isCut ? JSON.parse(output.text) : {};
  const block =
    output.kind === 'text'
      ? { text: output.text }
      : { toolUse: { toolUseId: toolUseId(serving), name: output.toolName, input } };
  return json({
    metrics,
    output: { message: { role: 'assistant', content: [block] } },
    stopReason: stopReason(output),
    usage: usageOf(serving),
  });
}

/** A block of text has no beginning of its own. */
function stream(serving: Serving): Answer {
  const { output } = serving;
  const isText = output.kind === 'text';
  const at = { contentBlockIndex: 0 };
  const toolUse = { toolUseId: toolUseId(serving), name: output.toolName };
  const start = isText ? '' : eventFrame('contentBlockStart', { ...at, start: { toolUse } });
  return {
    kind: 'stream',
    contentType: frameStream,
    encoding: 'latin1',
    opening: eventFrame('messageStart', { role: 'assistant' }) + start,
    piece: (index) => {
      const text = output.pieces[index] ?? '';
      const delta = isText ? { text } : { toolUse: { input: text } };
      return eventFrame('contentBlockDelta', { ...at, delta });
    },
    pieces: output.pieces.length,
    closing:
      eventFrame('contentBlockStop', at) +
      eventFrame('messageStop', { stopReason: stopReason(output) }) +
      eventFrame('metadata', { usage: usageOf(serving), metrics }),
    failure: () =>
      exceptionFrame(
        'modelStreamErrorException',
        'The system encountered an unexpected error during processing. Try your request again.',
      ),
  };
}
