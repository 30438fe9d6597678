import type { Signature, TextPart, ThinkingPart, ToolCallPart } from './conversation.js';

/** Why a model stopped; `other` is an end that only its own provider has a word for. */
export type Stop = 'end' | 'length' | 'tool_calls' | 'refused' | 'stop_sequence' | 'other';

/** How an answer ended. */
export interface Ending {
  readonly stop: Stop;
  /** The sequence it stopped at, where it is told. */
  readonly sequence: string | null;
}

/** Who answered, as the provider named itself; `null` where it did not. */
export interface AnswerHead {
  readonly id: string | null;
  readonly model: string | null;
}

/** A whole answer, in the words of no wire format. */
export interface Answer extends AnswerHead, Ending {
  readonly parts: readonly (TextPart | ThinkingPart | ToolCallPart)[];
}

/** A piece of a streamed answer. Pieces of a kind belong together until another kind, or another call, begins. */
export type Delta =
  | ({ readonly kind: 'head' } & AnswerHead)
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thinking'; readonly text: string }
  /** Ends the thinking before it, or stands for thinking that is kept from the caller. */
  | { readonly kind: 'signature'; readonly signature: Signature }
  | {
      readonly kind: 'tool_call';
      readonly id: string;
      readonly name: string;
      readonly signature: Signature | null;
    }
  /** A piece of the JSON text of the latest call's arguments. */
  | { readonly kind: 'arguments'; readonly json: string };
