import type { JsonRecord } from '../../../json-value.js';
import { tokensAllowed } from '../../../translation/anthropic/models.js';
import { jsonTool } from '../../../translation/anthropic/request-writer.js';
import { writeThinking } from '../../../translation/anthropic/thinking.js';
import type { Conversation, Effort, Tool } from '../../../translation/conversation.js';
import { closed } from '../../../translation/json-schema.js';
import { effortOf } from '../../../translation/reasoning.js';
import { Untranslatable, uncarried } from '../../../translation/untranslatable.js';
import type { WriteTerms } from '../../../translation/wire-translator.js';
import { alwaysThinks, familyOf, thinksByEffort } from '../model.js';
import { ContentWriter, cachePoint } from './content.js';

/** The sampling temperature goes from 0 to 1 here. */
const highestTemperature = 1;

/**
 * Writes a request for Converse ("Converse", Bedrock API reference). The model stands in its path.
 *
 * @throws Untranslatable
 */
export function writeRequest(conversation: Conversation, { model }: WriteTerms): JsonRecord {
  refuseUnknown(conversation);
  const writer = new ContentWriter(model);
  const { settings } = conversation;
  const system = conversation.system.flatMap((text) => writer.write(text));
  return some({
    system: system.length === 0 ? null : system,
    messages: writer.messages(conversation.turns),
    inferenceConfig: someOrNull({
      maxTokens: settings.maxTokens,
      temperature: settings.temperature,
      topP: settings.topP,
      stopSequences: settings.stop?.length === 0 ? null : settings.stop,
    }),
    toolConfig: writeTools(conversation, model),
    outputConfig: writeFormat(conversation, model),
    additionalModelRequestFields: someOrNull({
      ...writeTopK(conversation, model),
      ...writeReasoning(conversation, model),
    }),
  });
}

const some = (members: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

function someOrNull(members: JsonRecord): JsonRecord | null {
  const filled = some(members);
  return Object.keys(filled).length === 0 ? null : filled;
}

function refuseUnknown(conversation: Conversation): void {
  const { seed, presencePenalty, frequencyPenalty, temperature } = conversation.settings;
  if (seed !== null) throw uncarried(conversation, 'seed');
  if ((presencePenalty ?? 0) !== 0) throw uncarried(conversation, 'presencePenalty');
  if ((frequencyPenalty ?? 0) !== 0) throw uncarried(conversation, 'frequencyPenalty');
  if ((temperature ?? 0) > highestTemperature)
    throw uncarried(conversation, 'temperature', 'is at most 1 at this provider');
}

/** Each vendor has a place of its own for it, or none. */
function writeTopK(conversation: Conversation, model: string): JsonRecord {
  const { topK } = conversation.settings;
  if (topK === null) return {};
  const family = familyOf(model);
  if (family === 'other') throw uncarried(conversation, 'topK');
  return family === 'claude' ? { top_k: topK } : { inferenceConfig: { topK } };
}

/** What must look like JSON is asked for through a function where the model has no better way. */
function wantsJsonTool({ format }: Conversation, model: string): boolean {
  return format !== null && (format.kind === 'json' || familyOf(model) === 'nova');
}

function writeTools(conversation: Conversation, model: string): JsonRecord | null {
  if (wantsJsonTool(conversation, model)) return writeJsonTool(conversation, model);
  const { tools, toolChoice, parallelTools, turns } = conversation;
  const isUsed = turns.some(({ parts }) => parts.some(({ kind }) => kind.startsWith('tool_')));
  if (tools.length === 0) {
    if (isUsed) throw new Untranslatable('tools', 'must list, at this provider, what has been called');
    return null;
  }
  if (toolChoice === 'none') {
    // There is no word for it, but what a model does not know it does not call.
    if (isUsed) throw uncarried(conversation, 'toolChoice', 'cannot forbid here what has been called before');
    return null;
  }
  if (parallelTools === false) throw uncarried(conversation, 'parallelTools');
  const choice = writeChoice(toolChoice);
  return {
    tools: tools.flatMap((tool) => writeTool(tool, model)),
    ...(choice !== null && { toolChoice: choice }),
  };
}

function writeChoice(choice: Conversation['toolChoice']): JsonRecord | null {
  if (choice === null || choice === 'none') return null;
  if (typeof choice === 'object') return { tool: { name: choice.name } };
  return choice === 'required' ? { any: {} } : { auto: {} };
}

/** Nova takes no marks of the cache among its tools. */
function writeTool({ name, description, schema, strict, cache }: Tool, model: string): readonly JsonRecord[] {
  const inputSchema = { json: { type: 'object', ...schema } };
  const known = description === '' ? null : description;
  const toolSpec = some({ name, description: known, inputSchema, strict: strict ? true : null });
  const isMarked = cache !== undefined && familyOf(model) === 'claude';
  return [{ toolSpec }, ...(isMarked ? [cachePoint(cache, model)] : [])];
}

function writeJsonTool(conversation: Conversation, model: string): JsonRecord {
  const { format, tools, reasoning } = conversation;
  if (familyOf(model) === 'other') throw uncarried(conversation, 'format', 'needs a schema for this model');
  if (tools.length > 0) throw uncarried(conversation, 'format', 'cannot stand beside tools for this model');
  if (reasoning !== null && reasoning.kind !== 'off')
    throw uncarried(conversation, 'format', 'cannot stand beside thoughts for this model');
  const schema = format?.kind === 'schema' ? format.schema : { additionalProperties: true };
  const toolSpec = {
    name: jsonTool,
    description: 'Gives the answer as a JSON object.',
    inputSchema: { json: { type: 'object', ...schema } },
  };
  return { tools: [{ toolSpec }], toolChoice: { tool: { name: jsonTool } } };
}

/** The schema is a text there. */
function writeFormat(conversation: Conversation, model: string): JsonRecord | null {
  const { format } = conversation;
  if (format?.kind !== 'schema' || wantsJsonTool(conversation, model)) return null;
  const jsonSchema = { name: format.name, schema: JSON.stringify(closed(format.schema)) };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

const novaEfforts: Readonly<Record<Effort, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

function writeReasoning(conversation: Conversation, model: string): JsonRecord {
  const { reasoning, settings } = conversation;
  if (reasoning === null) return {};
  if (familyOf(model) === 'claude') {
    const { thinking, effort } = writeThinking(
      conversation,
      model,
      settings.maxTokens ?? tokensAllowed(model),
    );
    return { thinking, output_config: someOrNull({ ...effort }) };
  }
  // As the model likes is what it does when it is told nothing.
  if (reasoning.kind === 'auto') return {};
  if (reasoning.kind === 'off') {
    if (alwaysThinks(model)) throw uncarried(conversation, 'reasoning', 'cannot be off for this model');
    return thinksByEffort(model) ? { reasoningConfig: { type: 'disabled' } } : {};
  }
  if (!thinksByEffort(model)) throw uncarried(conversation, 'reasoning');
  const maxReasoningEffort = novaEfforts[effortOf(reasoning) ?? 'medium'];
  return { reasoningConfig: { type: 'enabled', maxReasoningEffort } };
}
