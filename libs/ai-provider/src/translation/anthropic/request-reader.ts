import type { JsonRecord } from '../../json-value.js';
import { efforts, mergeTurns } from '../conversation.js';
import type {
  AnswerFormat,
  Conversation,
  Effort,
  Nameable,
  Reasoning,
  Tool,
  ToolChoice,
} from '../conversation.js';
import { Fields } from '../fields.js';
import { Untranslatable } from '../untranslatable.js';
import { readTexts } from './block-reader.js';
import { takeCacheMark } from './cache-mark.js';
import { readMessages } from './message-reader.js';

const names: Readonly<Record<Nameable, string>> = {
  maxTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  reasoning: 'thinking',
  format: 'output_config.format',
  parallelTools: 'tool_choice.disable_parallel_tool_use',
  toolChoice: 'tool_choice',
};

/**
 * Reads a request for a message.
 *
 * @throws Untranslatable
 */
export function readRequest(json: JsonRecord): Conversation {
  const fields = new Fields(json, '');
  // Nobody's answer is another for them: labels, whose capacity serves.
  fields.harmless('model', 'stream', 'metadata', 'diagnostics', 'user_profile_id');
  const mark = takeCacheMark(fields);
  fields.only('service_tier', 'auto', 'standard_only');
  fields.only('speed', 'standard');
  const system = readTexts(fields, 'system');
  const messages = readMessages(fields.each('messages'));
  const choice = readToolChoice(fields);
  const output = readOutput(fields);
  const thinking = readThinking(fields);
  const conversation: Conversation = {
    system: [...system, ...messages.system],
    turns: marked(answerable(messages.turns), mark),
    tools: fields.each('tools').map(readTool),
    toolChoice: choice.toolChoice,
    parallelTools: choice.parallelTools,
    format: output.format,
    reasoning:
      thinking.reasoning?.kind === 'off' ? thinking.reasoning : (output.reasoning ?? thinking.reasoning),
    showsThoughts: thinking.showsThoughts,
    settings: {
      maxTokens: fields.number('max_tokens'),
      temperature: fields.number('temperature'),
      topP: fields.number('top_p'),
      topK: fields.number('top_k'),
      stop: fields.texts('stop_sequences'),
      seed: null,
      presencePenalty: null,
      frequencyPenalty: null,
    },
    names,
  };
  fields.end();
  return conversation;
}

/** A last turn of the assistant asks for its continuation, which no other provider offers. */
function answerable(turns: Conversation['turns']): Conversation['turns'] {
  const merged = mergeTurns(turns);
  if (merged.at(-1)?.role !== 'user')
    throw new Untranslatable('messages', 'must end with a word of the user');
  return merged;
}

/** A mark on the whole request is one on its last part. */
function marked(turns: Conversation['turns'], mark: ReturnType<typeof takeCacheMark>): Conversation['turns'] {
  const last = turns.at(-1);
  const part = last?.parts.at(-1);
  if (mark.cache === undefined || last === undefined || part === undefined) return turns;
  return [...turns.slice(0, -1), { ...last, parts: [...last.parts.slice(0, -1), { ...part, ...mark }] }];
}

function readTool(fields: Fields): Tool {
  const at = fields.at('type');
  const type = fields.text('type');
  if (type !== null && type !== 'custom') throw new Untranslatable(at);
  const tool = {
    name: fields.requiredText('name'),
    description: fields.text('description'),
    schema: fields.record('input_schema'),
    strict: fields.flag('strict') ?? false,
    ...takeCacheMark(fields),
  };
  fields.harmless('eager_input_streaming');
  fields.only('defer_loading', false);
  fields.only('allowed_callers', ['direct']);
  fields.end();
  return tool;
}

interface Choice {
  readonly toolChoice: ToolChoice | null;
  readonly parallelTools: boolean | null;
}

function readToolChoice(fields: Fields): Choice {
  const choice = fields.fields('tool_choice');
  if (choice === null) return { toolChoice: null, parallelTools: null };
  const at = choice.at('type');
  const type = choice.requiredText('type');
  const isSingle = choice.flag('disable_parallel_tool_use');
  const parallelTools = isSingle === null ? null : !isSingle;
  const toolChoice = type === 'tool' ? { name: choice.requiredText('name') } : choicesByType[type];
  if (toolChoice === undefined) throw new Untranslatable(at);
  choice.end();
  return { toolChoice, parallelTools };
}

const choicesByType: Readonly<Record<string, ToolChoice>> = { auto: 'auto', any: 'required', none: 'none' };

interface Output {
  readonly format: AnswerFormat | null;
  readonly reasoning: Reasoning | null;
}

/** `output_format` is what betas called `output_config.format`. */
function readOutput(fields: Fields): Output {
  const output = fields.fields('output_config');
  const format = readFormat(output?.fields('format') ?? fields.fields('output_format'));
  const effort = output?.text('effort') ?? null;
  output?.end();
  if (effort === null) return { format, reasoning: null };
  if (!efforts.some((known) => known === effort)) throw new Untranslatable('output_config.effort');
  return { format, reasoning: { kind: 'effort', effort: effort as Effort } };
}

function readFormat(format: Fields | null): AnswerFormat | null {
  if (format === null) return null;
  format.only('type', 'json_schema');
  const schema = format.record('schema');
  if (schema === null) throw new Untranslatable(format.at('schema'), 'is missing');
  format.end();
  return { kind: 'schema', name: 'answer', schema };
}

interface Thinking {
  readonly reasoning: Reasoning | null;
  readonly showsThoughts: boolean;
}

function readThinking(fields: Fields): Thinking {
  const thinking = fields.fields('thinking');
  if (thinking === null) return { reasoning: null, showsThoughts: false };
  const at = thinking.at('type');
  const type = thinking.requiredText('type');
  const tokens = thinking.number('budget_tokens');
  const display = thinking.text('display');
  thinking.end();
  if (type === 'disabled') return { reasoning: { kind: 'off' }, showsThoughts: false };
  const showsThoughts = display !== 'omitted';
  if (type === 'adaptive') return { reasoning: { kind: 'auto' }, showsThoughts };
  if (type !== 'enabled' || tokens === null) throw new Untranslatable(at);
  return { reasoning: { kind: 'budget', tokens }, showsThoughts };
}
