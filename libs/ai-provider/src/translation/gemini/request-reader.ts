import type { JsonRecord } from '../../json-value.js';
import { mergeTurns } from '../conversation.js';
import type {
  AnswerFormat,
  Conversation,
  Nameable,
  Reasoning,
  Settings,
  Tool,
  ToolChoice,
} from '../conversation.js';
import { Fields } from '../fields.js';
import { jsonSchemaOf } from '../json-schema.js';
import { Untranslatable } from '../untranslatable.js';
import { readContents, readInstruction } from './content-reader.js';

const names: Readonly<Record<Nameable, string>> = {
  maxTokens: 'generationConfig.maxOutputTokens',
  temperature: 'generationConfig.temperature',
  topP: 'generationConfig.topP',
  topK: 'generationConfig.topK',
  stop: 'generationConfig.stopSequences',
  seed: 'generationConfig.seed',
  presencePenalty: 'generationConfig.presencePenalty',
  frequencyPenalty: 'generationConfig.frequencyPenalty',
  reasoning: 'generationConfig.thinkingConfig',
  format: 'generationConfig.responseMimeType',
  parallelTools: 'tools',
  toolChoice: 'toolConfig.functionCallingConfig.mode',
};

/**
 * Reads a request for generated content.
 *
 * @throws Untranslatable
 */
export function readRequest(json: JsonRecord): Conversation {
  const fields = new Fields(json, '', 'either');
  fields.harmless('model', 'labels');
  fields.only('store', false);
  fields.only('serviceTier', 'standard', 'SERVICE_TIER_UNSPECIFIED');
  readSafety(fields);
  const config = fields.fields('generationConfig') ?? new Fields({}, 'generationConfig', 'either');
  const thinking = readThinking(config);
  const conversation: Conversation = {
    system: readInstruction(fields),
    turns: answerable(mergeTurns(readContents(fields.each('contents')))),
    tools: fields.each('tools').flatMap(readTools),
    toolChoice: readToolChoice(fields),
    parallelTools: null,
    format: readFormat(config),
    ...thinking,
    settings: readSettings(config),
    names,
  };
  config.end();
  fields.end();
  return conversation;
}

function answerable(turns: Conversation['turns']): Conversation['turns'] {
  if (turns.at(-1)?.role !== 'user') throw new Untranslatable('contents', 'must end with a word of the user');
  return turns;
}

/** Nobody else has filters to be set; to have none can be granted. */
function readSafety(fields: Fields): void {
  for (const setting of fields.each('safetySettings')) {
    setting.harmless('category');
    setting.only('threshold', 'BLOCK_NONE', 'OFF', 'HARM_BLOCK_THRESHOLD_UNSPECIFIED');
    setting.only('method');
    setting.end();
  }
}

function readSettings(config: Fields): Settings {
  config.only('candidateCount', 1);
  config.only('responseModalities', ['TEXT']);
  config.only('responseLogprobs', false);
  config.only('logprobs', 0);
  return {
    maxTokens: config.number('maxOutputTokens'),
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK: config.number('topK'),
    stop: config.texts('stopSequences'),
    seed: config.number('seed'),
    presencePenalty: config.number('presencePenalty'),
    frequencyPenalty: config.number('frequencyPenalty'),
  };
}

function readFormat(config: Fields): AnswerFormat | null {
  const at = config.at('responseMimeType');
  const type = config.text('responseMimeType');
  const google = config.record('responseSchema');
  const schema = config.record('responseJsonSchema') ?? (google === null ? null : jsonSchemaOf(google));
  if (schema !== null) return { kind: 'schema', name: 'answer', schema };
  if (type === null || type === 'text/plain') return null;
  if (type !== 'application/json') throw new Untranslatable(at);
  return { kind: 'json' };
}

const levels: Readonly<Record<string, Reasoning>> = {
  MINIMAL: { kind: 'effort', effort: 'minimal' },
  LOW: { kind: 'effort', effort: 'low' },
  MEDIUM: { kind: 'effort', effort: 'medium' },
  HIGH: { kind: 'effort', effort: 'high' },
};

function readThinking(config: Fields): Pick<Conversation, 'reasoning' | 'showsThoughts'> {
  const thinking = config.fields('thinkingConfig');
  if (thinking === null) return { reasoning: null, showsThoughts: false };
  const showsThoughts = thinking.flag('includeThoughts') ?? false;
  const tokens = thinking.number('thinkingBudget');
  const at = thinking.at('thinkingLevel');
  const level = thinking.text('thinkingLevel')?.toUpperCase() ?? 'THINKING_LEVEL_UNSPECIFIED';
  thinking.end();
  if (level !== 'THINKING_LEVEL_UNSPECIFIED') {
    const reasoning = levels[level];
    if (reasoning === undefined) throw new Untranslatable(at);
    return { reasoning, showsThoughts };
  }
  return { reasoning: tokens === null ? null : ofBudget(tokens), showsThoughts };
}

/** 0 is none, less is as the model likes. */
function ofBudget(tokens: number): Reasoning {
  if (tokens === 0) return { kind: 'off' };
  return tokens < 0 ? { kind: 'auto' } : { kind: 'budget', tokens };
}

/** Search, code execution and the like run at Google alone: they are refused by name. */
function readTools(fields: Fields): readonly Tool[] {
  const tools = fields.each('functionDeclarations').map(readTool);
  fields.end();
  return tools;
}

function readTool(fields: Fields): Tool {
  fields.only('behavior', 'BLOCKING', 'UNSPECIFIED');
  const google = fields.record('parameters');
  const tool = {
    name: fields.requiredText('name'),
    description: fields.text('description'),
    schema: fields.record('parametersJsonSchema') ?? (google === null ? null : jsonSchemaOf(google)),
    strict: false,
  };
  fields.end();
  return tool;
}

const modes: Readonly<Record<string, ToolChoice>> = {
  MODE_UNSPECIFIED: 'auto',
  AUTO: 'auto',
  VALIDATED: 'auto',
  ANY: 'required',
  NONE: 'none',
};

function readToolChoice(fields: Fields): ToolChoice | null {
  const config = fields.fields('toolConfig');
  const calling = config?.fields('functionCallingConfig') ?? null;
  config?.end();
  if (calling === null) return null;
  const at = calling.at('mode');
  const choice = modes[calling.text('mode')?.toUpperCase() ?? 'AUTO'];
  if (choice === undefined) throw new Untranslatable(at);
  const namesAt = calling.at('allowedFunctionNames');
  const allowed = calling.texts('allowedFunctionNames') ?? [];
  calling.only('streamFunctionCallArguments', false);
  calling.end();
  const [only] = allowed;
  if (only === undefined) return choice;
  if (choice !== 'required' || allowed.length > 1) throw new Untranslatable(namesAt);
  return { name: only };
}
