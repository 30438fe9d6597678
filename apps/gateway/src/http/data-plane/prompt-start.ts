import type { Operation } from '#ai-provider';
import type { JsonObject } from './read-json.js';

/** How the prompt of a call begins: what does not change from one turn of a conversation to the next. */
export interface PromptStart {
  /** The caller's own word for what belongs together; `null` when it gave none. */
  readonly name: string | null;
  /** Tools, instructions and the first message of the user; `undefined` for what there is none of. */
  readonly parts: readonly unknown[];
}

type Reader = (json: JsonObject) => PromptStart | null;

const readers: Partial<Record<Operation, Reader>> = {
  chat_completions: (json) => ({
    name: openaiName(json),
    parts: [json['tools'], ...opening(json['messages'])],
  }),
  completions: (json) => ({ name: openaiName(json), parts: [json['prompt']] }),
  responses: (json) => ({
    name: openaiName(json),
    parts: [json['tools'], json['instructions'], ...opening(json['input'])],
  }),
  messages: (json) =>
    marksCache(json)
      ? {
          name: firstText(userIdOf(json)),
          parts: [json['tools'], json['system'], ...opening(json['messages'])],
        }
      : null,
  generate_content: (json) => ({
    name: firstText(json['cachedContent']),
    parts: [json['tools'], json['systemInstruction'], ...opening(json['contents'])],
  }),
};

/** @returns `null` when nothing of the prompt can be cached */
export function promptStart(operation: Operation, json: JsonObject): PromptStart | null {
  return readers[operation]?.(json) ?? null;
}

const openaiName = (json: JsonObject): string | null =>
  firstText(json['prompt_cache_key'], userIdOf(json), json['user']);

function userIdOf({ metadata }: JsonObject): unknown {
  return typeof metadata === 'object' && metadata !== null ? (metadata as JsonObject)['user_id'] : undefined;
}

function firstText(...values: readonly unknown[]): string | null {
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
}

/** Messages up to the first that is the user's; what is no list is the user's word itself. */
function opening(messages: unknown): readonly unknown[] {
  if (!Array.isArray(messages)) return [messages];
  const first = messages.findIndex((message: unknown) => roleOf(message) === 'user');
  return first < 0 ? messages.slice(0, 1) : messages.slice(0, first + 1);
}

function roleOf(message: unknown): unknown {
  // Gemini: a message without a role is the user's.
  return typeof message === 'object' && message !== null ? ((message as JsonObject)['role'] ?? 'user') : null;
}

/** Anthropic caches only what the caller marks: the whole, a tool, or a block of the instructions or of a message. */
function marksCache(json: JsonObject): boolean {
  return (
    isMarked(json) ||
    holdsMark(json['system']) ||
    holdsMark(json['tools']) ||
    (Array.isArray(json['messages']) && json['messages'].some((message) => holdsMark(contentOf(message))))
  );
}

const isMarked = (block: unknown): boolean =>
  typeof block === 'object' && block !== null && (block as JsonObject)['cache_control'] !== undefined;
const holdsMark = (blocks: unknown): boolean => Array.isArray(blocks) && blocks.some(isMarked);
const contentOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null ? (message as JsonObject)['content'] : null;
