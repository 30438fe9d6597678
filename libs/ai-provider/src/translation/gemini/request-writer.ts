import { isRecord, parseJson } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import { instructionsOf } from '../conversation.js';
import type { Conversation, Effort, MediaPart, Part, Tool, ToolResultPart, Turn } from '../conversation.js';
import { budgetOf, effortOf } from '../reasoning.js';
import { Untranslatable, uncarried } from '../untranslatable.js';
import type { WriteTerms } from '../wire-translator.js';

/**
 * Gemini 3 and later want each function call back with the signature it came with; this is what Google's documentation says
 * to put in the place of one that another model's call never had.
 */
const noSignature = 'skip_thought_signature_validator';

const generation = (model: string): number => Number(/gemini-(\d+)/.exec(model)?.[1] ?? 99);
/** From this generation on, models are told a level of thinking, and check signatures. */
const firstByLevel = 3;

/**
 * Writes a request for generated content.
 *
 * @throws Untranslatable
 */
export function writeRequest(conversation: Conversation, { model }: WriteTerms): JsonRecord {
  const { system, turns, tools } = conversation;
  if (conversation.parallelTools === false && tools.length > 0)
    throw uncarried(conversation, 'parallelTools');
  const checksSignatures = generation(model) >= firstByLevel;
  const config = filled(writeConfig(conversation, model));
  return filled({
    systemInstruction: system.length === 0 ? null : { parts: [{ text: instructionsOf(conversation) }] },
    contents: turns.map((turn) => writeTurn(turn, checksSignatures)),
    tools: tools.length === 0 ? null : [{ functionDeclarations: tools.map(writeTool) }],
    toolConfig: writeToolConfig(conversation),
    generationConfig: Object.keys(config).length === 0 ? null : config,
  });
}

const filled = (members: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

function writeConfig(conversation: Conversation, model: string): JsonRecord {
  const { settings, format } = conversation;
  return {
    maxOutputTokens: settings.maxTokens,
    temperature: settings.temperature,
    topP: settings.topP,
    topK: settings.topK,
    stopSequences: settings.stop,
    seed: settings.seed,
    presencePenalty: settings.presencePenalty,
    frequencyPenalty: settings.frequencyPenalty,
    responseMimeType: format === null ? null : 'application/json',
    responseJsonSchema: format?.kind === 'schema' ? format.schema : null,
    thinkingConfig: writeThinking(conversation, model),
  };
}

const levels: Readonly<Record<Effort, string>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};
/** The largest that every model with a budget takes. */
const largestBudget = 24_576;

function writeThinking({ reasoning, showsThoughts }: Conversation, model: string): JsonRecord | null {
  const shown = showsThoughts ? { includeThoughts: true } : {};
  // As the model likes is what it does when it is told nothing.
  if (reasoning === null || reasoning.kind === 'auto') return showsThoughts ? shown : null;
  switch (reasoning.kind) {
    case 'off':
      return { ...shown, thinkingBudget: 0 };
    case 'effort':
      return generation(model) >= firstByLevel
        ? { ...shown, thinkingLevel: levels[reasoning.effort] }
        : { ...shown, thinkingBudget: Math.min(budgetOf(reasoning.effort), largestBudget) };
    case 'budget': {
      const level = effortOf(reasoning) ?? 'medium';
      return generation(model) >= firstByLevel
        ? { ...shown, thinkingLevel: levels[level] }
        : { ...shown, thinkingBudget: Math.min(reasoning.tokens, largestBudget) };
    }
  }
}

function writeTurn({ role, parts }: Turn, checksSignatures: boolean): JsonRecord {
  const firstCall = parts.find(({ kind }) => kind === 'tool_call');
  const written = parts.flatMap((part) => writePart(part, checksSignatures && part === firstCall));
  // A turn of thoughts alone must still be there, lest two of the user's stand in a row.
  return {
    role: role === 'assistant' ? 'model' : 'user',
    parts: written.length === 0 ? [{ text: '' }] : written,
  };
}

function writePart(part: Part, wantsSignature: boolean): readonly JsonRecord[] {
  switch (part.kind) {
    case 'text':
      return [{ text: part.text }];
    case 'media':
      return [writeData(part)];
    case 'link':
      throw new Untranslatable(part.at, 'is not fetched by this provider: send the image itself');
    case 'tool_call': {
      const { id, name, args, signature } = part;
      const own = signature?.kind === 'thought' ? signature.value : null;
      const thoughtSignature = own ?? (wantsSignature ? noSignature : null);
      return [{ functionCall: { id, name, args }, ...(thoughtSignature !== null && { thoughtSignature }) }];
    }
    case 'tool_result':
      return [writeResult(part)];
    // Nobody checks thoughts here, and those of others are of no use.
    case 'thinking':
      return [];
  }
}

function writeData({ mediaType, data, at }: MediaPart): JsonRecord {
  if (!mediaType.startsWith('image/') && mediaType !== 'application/pdf') throw new Untranslatable(at);
  return { inlineData: { mimeType: mediaType, data } };
}

function writeResult({ id, name, content, isError }: ToolResultPart): JsonRecord {
  const text = content
    .map((part) => {
      if (part.kind !== 'text') throw new Untranslatable(part.at);
      return part.text;
    })
    .join('\n');
  const response = isError ? { error: text } : (objectOf(text) ?? { output: text });
  return { functionResponse: { id, name, response } };
}

/** The object a text is, to the letter; `null` where something of it would be lost or taken for something else. */
function objectOf(text: string): JsonRecord | null {
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  if (!isRecord(value) || JSON.stringify(value) !== text) return null;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && (key === 'output' || key === 'error') ? null : value;
}

const writeTool = ({ name, description, schema }: Tool): JsonRecord =>
  filled({ name, description, parametersJsonSchema: schema });

const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

/** A function that must be called as its schema says is called so in every mode but the automatic one. */
function writeToolConfig({ toolChoice, tools }: Conversation): JsonRecord | null {
  if (tools.length === 0) return null;
  const isStrict = tools.some(({ strict }) => strict);
  if (toolChoice === null && !isStrict) return null;
  if (typeof toolChoice === 'object' && toolChoice !== null) {
    return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [toolChoice.name] } };
  }
  const mode = modes[toolChoice ?? 'auto'];
  return { functionCallingConfig: { mode: mode === 'AUTO' && isStrict ? 'VALIDATED' : mode } };
}
