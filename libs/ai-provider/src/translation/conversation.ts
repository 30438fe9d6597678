import type { JsonRecord } from '../json-value.js';

/**
 * What only the provider that made it can read: proof of its own thoughts, wanted back with the next turn. `thinking` and
 * `redacted` are Anthropic's, `thought` is Gemini's, `sealed` are thoughts of Claude that Bedrock's Converse hands out unread.
 */
export interface Signature {
  readonly kind: 'thinking' | 'redacted' | 'thought' | 'sealed';
  readonly value: string;
}

/** How long what has been said so far is worth keeping in a cache of the provider. */
export type CacheMark = '5m' | '1h';

/** The end of a beginning that the caller wants kept; `undefined`: none ends here. Providers without such marks ignore it. */
interface Markable {
  readonly cache?: CacheMark | undefined;
}

/** Words. */
export interface TextPart extends Markable {
  readonly kind: 'text';
  readonly text: string;
}

/** An image or a document in base64. */
export interface MediaPart extends Markable {
  readonly kind: 'media';
  readonly mediaType: string;
  readonly data: string;
  /** Where it stands in the caller's request. */
  readonly at: string;
}

/** An image at an address. */
export interface LinkPart extends Markable {
  readonly kind: 'link';
  readonly url: string;
  /** Where it stands in the caller's request. */
  readonly at: string;
}

/** What a model thought before it spoke; empty where it is kept from the caller. */
export interface ThinkingPart {
  readonly kind: 'thinking';
  readonly text: string;
  readonly signature: Signature | null;
}

/** A model asks for a function. */
export interface ToolCallPart extends Markable {
  readonly kind: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly args: JsonRecord;
  readonly signature: Signature | null;
}

/** What a function came to. */
export interface ToolResultPart extends Markable {
  readonly kind: 'tool_result';
  readonly id: string;
  readonly name: string;
  readonly content: readonly (TextPart | MediaPart | LinkPart)[];
  readonly isError: boolean;
  /** Where it stands in the caller's request. */
  readonly at: string;
}

/** A piece of a turn. */
export type Part = TextPart | MediaPart | LinkPart | ThinkingPart | ToolCallPart | ToolResultPart;

/** What one side said, until the other spoke. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly Part[];
}

/** A function a model may ask for. */
export interface Tool extends Markable {
  readonly name: string;
  readonly description: string | null;
  /** JSON schema of its arguments; `null`: it takes none. */
  readonly schema: JsonRecord | null;
  /** Whether its arguments must fit the schema. */
  readonly strict: boolean;
}

/** Whether a model may, must or must not ask for a function. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** What an answer must look like; any JSON object, or one that fits a schema. */
export type AnswerFormat =
  { readonly kind: 'json' } | { readonly kind: 'schema'; readonly name: string; readonly schema: JsonRecord };

/** How hard a model may think, least first. */
export const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** One of {@link efforts}. */
export type Effort = (typeof efforts)[number];

/** How much a model may think; a budget is in tokens, > 0. */
export type Reasoning =
  | { readonly kind: 'off' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'effort'; readonly effort: Effort }
  | { readonly kind: 'budget'; readonly tokens: number };

/** Numbers and lists that steer an answer; `null` where the caller left them to the model. */
export interface Settings {
  readonly maxTokens: number | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly stop: readonly string[] | null;
  readonly seed: number | null;
  readonly presencePenalty: number | null;
  readonly frequencyPenalty: number | null;
}

/** What may have to be refused, and is then told by the name it has in the caller's wire format. */
export type Nameable = keyof Settings | 'reasoning' | 'format' | 'parallelTools' | 'toolChoice';

/** A request for an answer, in the words of no wire format. */
export interface Conversation {
  /** Instructions to the model, in order. */
  readonly system: readonly TextPart[];
  /** Never two of one role in a row; the last is the user's. */
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  /** Whether several functions may be asked for at once; `null`: as the model likes. */
  readonly parallelTools: boolean | null;
  readonly format: AnswerFormat | null;
  readonly reasoning: Reasoning | null;
  /** Whether the caller wants to see what the model thought. */
  readonly showsThoughts: boolean;
  readonly settings: Settings;
  readonly names: Readonly<Record<Nameable, string>>;
}

/** The instructions as one text. */
export const instructionsOf = ({ system }: Conversation): string =>
  system.map(({ text }) => text).join('\n\n');

/** Puts turns in a row into one, drops empty ones. */
export function mergeTurns(turns: readonly Turn[]): Turn[] {
  const merged: Turn[] = [];
  for (const turn of turns) {
    const last = merged.at(-1);
    if (turn.parts.length === 0) continue;
    if (last?.role === turn.role)
      merged[merged.length - 1] = { role: turn.role, parts: [...last.parts, ...turn.parts] };
    else merged.push(turn);
  }
  return merged;
}
