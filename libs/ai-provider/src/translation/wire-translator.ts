import type { FailureClass, TokenUsage } from '#kernel';
import type { ModelCall, Operation } from '../contract/model-call.js';
import type { JsonRecord } from '../json-value.js';
import type { Answer, Delta, Ending } from './answer.js';
import type { Conversation } from './conversation.js';

/** Who a request is written for. */
export interface WriteTerms {
  /** Kind of the provider. */
  readonly kind: string;
  /** The model's name there. */
  readonly model: string;
  readonly stream: boolean;
}

/** For whom an answer is written. */
export interface AnswerTerms {
  readonly call: ModelCall;
  /** When the attempt began, ms since the epoch: some formats date their answers. */
  readonly createdAtMs: number;
  /** Whether the caller wants to see what the model thought. */
  readonly showsThoughts: boolean;
}

/** Reads the events of one stream. Stateful. */
export interface DeltaReader {
  /** How it ended; `null` until it was said. */
  readonly ending: Ending | null;
  /**
   * @param event the data of one event, parsed
   * @throws RangeError when the pieces come in an order that cannot be told on
   */
  take(event: JsonRecord): readonly Delta[];
}

/** Writes the events of one stream. Stateful. */
export interface DeltaWriter {
  /** @returns whole events; empty when the piece has to wait for others */
  write(delta: Delta): string;
  /** The last events. */
  end(ending: Ending, usage: TokenUsage | null): string;
}

/** An error as a caller is told. */
export interface ToldError {
  readonly status: number;
  readonly class: FailureClass;
  readonly message: string;
}

/** How a provider is asked and understood. */
export interface UpstreamForm {
  /** What is asked of it. */
  readonly operation: Operation;
  /** @throws Untranslatable */
  writeRequest(conversation: Conversation, terms: WriteTerms): JsonRecord;
  /**
   * @param call its id tells calls of functions apart that the provider gave none
   * @returns `null` when it holds no answer
   */
  readAnswer(body: JsonRecord, call: ModelCall): Answer | null;
  deltaReader(call: ModelCall): DeltaReader;
}

/** One wire format, to and from the words of none: also how callers are understood and answered. The same parts for each. */
export interface WireTranslator extends UpstreamForm {
  /** @throws Untranslatable */
  readRequest(json: JsonRecord): Conversation;
  writeAnswer(answer: Answer, usage: TokenUsage | null, terms: AnswerTerms): JsonRecord;
  writeError(error: ToldError): JsonRecord;
  deltaWriter(terms: AnswerTerms): DeltaWriter;
}
