import type { JsonRecord } from '../../json-value.js';
import { instructionsOf } from '../conversation.js';
import type {
  Conversation,
  LinkPart,
  MediaPart,
  Part,
  TextPart,
  Tool,
  ToolResultPart,
  Turn,
} from '../conversation.js';
import { closed } from '../json-schema.js';
import { Untranslatable, uncarried } from '../untranslatable.js';
import type { WriteTerms } from '../wire-translator.js';
import { writeThinking } from './thinking.js';
import { tokensAllowed } from './models.js';

/**
 * The function a model answers through where any JSON object is wanted: Anthropic's structured answers need a schema, a
 * function's arguments do not. Its call is told as text.
 */
export const jsonTool = 'pool_json_answer';

/** The sampling temperature goes from 0 to 1 here. */
const highestTemperature = 1;

/**
 * Writes a request for a message.
 *
 * @throws Untranslatable
 */
export function writeRequest(conversation: Conversation, { model, stream }: WriteTerms): JsonRecord {
  const { settings, system, turns } = conversation;
  refuseUnknown(conversation);
  const maxTokens = settings.maxTokens ?? tokensAllowed(model);
  const { thinking, effort } = writeThinking(conversation, model, maxTokens);
  const output = { ...effort, ...writeFormat(conversation) };
  return filled({
    model,
    max_tokens: maxTokens,
    stream: stream ? true : null,
    system: system.length === 0 ? null : instructionsOf(conversation),
    messages: turns.map(writeTurn).filter(({ content }) => content.length > 0),
    temperature: settings.temperature,
    top_p: settings.topP,
    top_k: settings.topK,
    stop_sequences: settings.stop,
    ...writeTools(conversation),
    output_config: Object.keys(output).length === 0 ? null : output,
    thinking,
  });
}

const filled = (members: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

function refuseUnknown(conversation: Conversation): void {
  const { seed, presencePenalty, frequencyPenalty, temperature } = conversation.settings;
  if (seed !== null) throw uncarried(conversation, 'seed');
  if ((presencePenalty ?? 0) !== 0) throw uncarried(conversation, 'presencePenalty');
  if ((frequencyPenalty ?? 0) !== 0) throw uncarried(conversation, 'frequencyPenalty');
  if ((temperature ?? 0) > highestTemperature)
    throw uncarried(conversation, 'temperature', 'is at most 1 at this provider');
}

function writeTurn({ role, parts }: Turn): {
  readonly role: string;
  readonly content: readonly JsonRecord[];
} {
  const results = parts.filter(({ kind }) => kind === 'tool_result');
  const others = parts.filter(({ kind }) => kind !== 'tool_result');
  return { role, content: [...results, ...others].flatMap(writePart) };
}

/** Empty texts are refused there, and thoughts that Anthropic has not signed. */
function writePart(part: Part): readonly JsonRecord[] {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'media':
    case 'link':
      return [writeSource(part)];
    case 'tool_call':
      return [{ type: 'tool_use', id: idOf(part.id), name: part.name, input: part.args }];
    case 'tool_result':
      return [writeToolResult(part)];
    case 'thinking': {
      const { text, signature } = part;
      if (signature?.kind === 'thinking') {
        return [{ type: 'thinking', thinking: text, signature: signature.value }];
      }
      return signature?.kind === 'redacted' ? [{ type: 'redacted_thinking', data: signature.value }] : [];
    }
  }
}

/** Ids are made of these characters alone. */
const idOf = (id: string): string => id.replace(/[^\w-]/g, '_');

const imageTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

function writeSource(part: MediaPart | LinkPart): JsonRecord {
  if (part.kind === 'link') return { type: 'image', source: { type: 'url', url: part.url } };
  const isImage = imageTypes.has(part.mediaType);
  if (!isImage && part.mediaType !== 'application/pdf') throw new Untranslatable(part.at);
  const source = { type: 'base64', media_type: part.mediaType, data: part.data };
  return { type: isImage ? 'image' : 'document', source };
}

function writeToolResult({ id, content, isError }: ToolResultPart): JsonRecord {
  return {
    type: 'tool_result',
    tool_use_id: idOf(id),
    content: writeResult(content),
    ...(isError && { is_error: true }),
  };
}

function writeResult(content: readonly (TextPart | MediaPart | LinkPart)[]): string | readonly JsonRecord[] {
  const [first] = content;
  if (first === undefined) return '';
  if (content.length === 1 && first.kind === 'text') return first.text;
  return content.flatMap(writePart);
}

const writeTool = ({ name, description, schema, strict }: Tool): JsonRecord =>
  filled({
    name,
    description,
    input_schema: { type: 'object', ...schema },
    strict: strict ? true : null,
  });

function writeTools(conversation: Conversation): JsonRecord {
  const { tools, toolChoice, parallelTools, format } = conversation;
  if (format?.kind === 'json') return writeJsonTool(conversation);
  if (tools.length === 0) return {};
  const single = parallelTools === false ? { disable_parallel_tool_use: true } : {};
  const type = toolChoice === 'required' ? 'any' : toolChoice;
  const choice =
    typeof type === 'object' && type !== null
      ? { type: 'tool', ...type, ...single }
      : type === null && parallelTools !== false
        ? null
        : { type: type ?? 'auto', ...(type === 'none' ? {} : single) };
  return { tools: tools.map(writeTool), ...(choice !== null && { tool_choice: choice }) };
}

function writeJsonTool(conversation: Conversation): JsonRecord {
  if (conversation.tools.length > 0)
    throw uncarried(conversation, 'format', 'needs a schema at this provider where there are tools');
  if (conversation.reasoning !== null && conversation.reasoning.kind !== 'off')
    throw uncarried(conversation, 'format', 'needs a schema at this provider where the model may think');
  const tool = {
    name: jsonTool,
    description: 'Gives the answer as a JSON object.',
    input_schema: { type: 'object', additionalProperties: true },
  };
  return { tools: [tool], tool_choice: { type: 'tool', name: jsonTool, disable_parallel_tool_use: true } };
}

function writeFormat({ format }: Conversation): JsonRecord {
  return format?.kind === 'schema' ? { format: { type: 'json_schema', schema: closed(format.schema) } } : {};
}
