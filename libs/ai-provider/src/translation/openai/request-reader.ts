import { isRecord } from '../../json-value.js';
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
  Turn,
} from '../conversation.js';
import { Fields } from '../fields.js';
import { Untranslatable } from '../untranslatable.js';
import { readMessages } from './message-reader.js';

/** Nobody's answer is another for them: labels, places in caches, how usage is told. */
const harmless = [
  'model',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
];

const names: Readonly<Record<Nameable, string>> = {
  maxTokens: 'max_completion_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  reasoning: 'reasoning_effort',
  format: 'response_format',
  parallelTools: 'parallel_tool_calls',
  toolChoice: 'tool_choice',
};

/**
 * Reads a request for a chat completion.
 *
 * @throws Untranslatable
 */
export function readRequest(json: JsonRecord): Conversation {
  const fields = new Fields(json, '');
  fields.harmless(...harmless);
  fields.only('n', 1);
  fields.only('store', false);
  fields.only('logprobs', false);
  fields.only('top_logprobs', 0);
  fields.only('logit_bias', {});
  fields.only('modalities', ['text']);
  fields.only('service_tier', 'auto', 'default');
  fields.only('verbosity', 'medium');
  const { system, turns } = readMessages(fields.each('messages'));
  const conversation: Conversation = {
    system,
    turns: answerable(mergeTurns(turns)),
    tools: fields.each('tools').map(readTool),
    toolChoice: readToolChoice(fields),
    parallelTools: fields.flag('parallel_tool_calls'),
    format: readFormat(fields),
    reasoning: readReasoning(fields),
    showsThoughts: false,
    settings: {
      maxTokens: fields.number('max_completion_tokens') ?? fields.number('max_tokens'),
      temperature: fields.number('temperature'),
      topP: fields.number('top_p'),
      topK: null,
      stop: readStop(fields),
      seed: fields.number('seed'),
      presencePenalty: fields.number('presence_penalty'),
      frequencyPenalty: fields.number('frequency_penalty'),
    },
    names,
  };
  // Of two bounds the newer counts.
  fields.harmless('max_tokens');
  fields.end();
  return conversation;
}

function answerable(turns: readonly Turn[]): readonly Turn[] {
  if (turns.at(-1)?.role !== 'user') throw new Untranslatable('messages', 'must end with a word of the user');
  return turns;
}

function readTool(fields: Fields): Tool {
  fields.only('type', 'function');
  const declared = fields.fields('function');
  if (declared === null) throw new Untranslatable(fields.at('function'), 'is missing');
  const tool = {
    name: declared.requiredText('name'),
    description: declared.text('description'),
    schema: declared.record('parameters'),
    strict: declared.flag('strict') ?? false,
  };
  declared.end();
  fields.harmless('cache_control');
  fields.end();
  return tool;
}

function readToolChoice(fields: Fields): ToolChoice | null {
  const at = fields.at('tool_choice');
  const choice = fields.take('tool_choice');
  if (choice === undefined) return null;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const named = isRecord(choice) && choice['type'] === 'function' ? choice['function'] : null;
  const name = isRecord(named) ? named['name'] : null;
  if (typeof name !== 'string') throw new Untranslatable(at);
  return { name };
}

function readFormat(fields: Fields): AnswerFormat | null {
  const format = fields.fields('response_format');
  const type = format?.requiredText('type') ?? 'text';
  if (format === null || type === 'text') return null;
  if (type === 'json_object') return { kind: 'json' };
  const wanted = type === 'json_schema' ? format.fields('json_schema') : null;
  if (wanted === null) throw new Untranslatable(names.format);
  // OpenAI may hold on to a schema loosely; the others always do so strictly.
  wanted.harmless('strict', 'description');
  const name = wanted.requiredText('name');
  const schema = wanted.record('schema');
  wanted.end();
  format.end();
  return schema === null ? { kind: 'json' } : { kind: 'schema', name, schema };
}

function readReasoning(fields: Fields): Reasoning | null {
  const effort = fields.text('reasoning_effort');
  if (effort === null) return null;
  if (effort === 'none') return { kind: 'off' };
  if (!efforts.some((known) => known === effort)) throw new Untranslatable(names.reasoning);
  return { kind: 'effort', effort: effort as Effort };
}

function readStop(fields: Fields): readonly string[] | null {
  const stop = fields.take('stop');
  if (stop === undefined) return null;
  const list: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  if (!list.every((each) => typeof each === 'string')) throw new Untranslatable(names.stop);
  return list as readonly string[];
}
