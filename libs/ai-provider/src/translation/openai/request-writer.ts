import type { JsonRecord } from '../../json-value.js';
import { instructionsOf } from '../conversation.js';
import type {
  Conversation,
  LinkPart,
  MediaPart,
  Reasoning,
  TextPart,
  Tool,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../conversation.js';
import { closed, isStrict } from '../json-schema.js';
import { effortOf } from '../reasoning.js';
import { Untranslatable, uncarried } from '../untranslatable.js';
import type { WriteTerms } from '../wire-translator.js';

/** The others know the bound by its older name, which all of them take. */
const knowsCompletionTokens: ReadonlySet<string> = new Set(['openai', 'azure-openai']);

/**
 * Writes a request for a chat completion.
 *
 * @throws Untranslatable
 */
export function writeRequest(conversation: Conversation, { kind, model, stream }: WriteTerms): JsonRecord {
  const { settings, tools, toolChoice, parallelTools } = conversation;
  if (settings.topK !== null) throw uncarried(conversation, 'topK');
  const bound = knowsCompletionTokens.has(kind) ? 'max_completion_tokens' : 'max_tokens';
  return filled({
    model,
    stream: stream ? true : null,
    messages: writeMessages(conversation),
    [bound]: settings.maxTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    stop: settings.stop,
    seed: settings.seed,
    presence_penalty: settings.presencePenalty,
    frequency_penalty: settings.frequencyPenalty,
    tools: tools.length === 0 ? null : tools.map(writeTool),
    tool_choice:
      typeof toolChoice === 'object' && toolChoice !== null
        ? { type: 'function', function: toolChoice }
        : toolChoice,
    parallel_tool_calls: tools.length === 0 ? null : parallelTools,
    response_format: writeFormat(conversation),
    reasoning_effort: writeReasoning(conversation.reasoning),
  });
}

const filled = (members: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

function writeMessages(conversation: Conversation): readonly JsonRecord[] {
  const { system, turns } = conversation;
  const instructions = system.length === 0 ? [] : [{ role: 'system', content: instructionsOf(conversation) }];
  return [...instructions, ...turns.flatMap((turn) => writeTurn(turn))];
}

function writeTurn({ role, parts }: Turn): readonly JsonRecord[] {
  if (role === 'assistant') return [writeAssistant(parts)];
  const results = parts.filter((part) => part.kind === 'tool_result');
  const said = parts.filter((part) => part.kind === 'text' || part.kind === 'media' || part.kind === 'link');
  // Results come directly behind the calls they belong to.
  const messages = results.map(writeToolResult);
  return said.length === 0 ? messages : [...messages, { role, content: writeContent(said) }];
}

/** Thoughts are left out: nobody but their own provider can use them. */
function writeAssistant(parts: Turn['parts']): JsonRecord {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const calls = parts.filter((part) => part.kind === 'tool_call');
  return filled({
    role: 'assistant',
    content: text === '' && calls.length === 0 ? '' : text === '' ? null : text,
    tool_calls: calls.length === 0 ? null : calls.map(writeToolCall),
  });
}

const writeToolCall = ({ id, name, args }: ToolCallPart): JsonRecord => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(args) },
});

/** There is no mark for a failure, so the text says it. */
function writeToolResult({ id, content, isError }: ToolResultPart): JsonRecord {
  const texts = content.map((part) => {
    if (part.kind !== 'text') throw new Untranslatable(part.at);
    return part.text;
  });
  const text = texts.join('\n');
  return {
    role: 'tool',
    tool_call_id: id,
    content: isError && !/^error/i.test(text) ? `Error: ${text}` : text,
  };
}

function writeContent(parts: readonly (TextPart | MediaPart | LinkPart)[]): string | readonly JsonRecord[] {
  const [first] = parts;
  if (parts.length === 1 && first?.kind === 'text') return first.text;
  return parts.map(writePart);
}

function writePart(part: TextPart | MediaPart | LinkPart): JsonRecord {
  if (part.kind === 'text') return { type: 'text', text: part.text };
  if (part.kind === 'link') return { type: 'image_url', image_url: { url: part.url } };
  const url = `data:${part.mediaType};base64,${part.data}`;
  if (part.mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url } };
  if (part.mediaType !== 'application/pdf') throw new Untranslatable(part.at);
  return { type: 'file', file: { filename: 'document.pdf', file_data: url } };
}

const writeTool = ({ name, description, schema, strict }: Tool): JsonRecord => ({
  type: 'function',
  function: filled({ name, description, parameters: schema, strict: strict ? true : null }),
});

function writeFormat({ format }: Conversation): JsonRecord | null {
  if (format === null) return null;
  if (format.kind === 'json') return { type: 'json_object' };
  const { name } = format;
  // Strict mode demands all members of an object; the others' formats leave some out.
  const schema = closed(format.schema);
  return { type: 'json_schema', json_schema: { name, schema, strict: isStrict(schema) } };
}

function writeReasoning(reasoning: Reasoning | null): string | null {
  if (reasoning === null) return null;
  return reasoning.kind === 'off' ? 'none' : effortOf(reasoning);
}
