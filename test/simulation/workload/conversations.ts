import type { Dice } from '../engine/dice.js';

interface Conversation {
  readonly id: number;
  readonly promptTokens: number;
  /** When the next turn may come: its author has read the answer. */
  readonly readyMs: number;
  readonly isNew: boolean;
}

/** One call of a conversation. */
export interface Turn {
  readonly id: number;
  readonly inputTokens: number;
  readonly prefixTokens: number;
}

/** Share of the calls that begin a conversation: it has 8 turns on average. */
const newShare = 1 / 8;
const longestPrompt = 6_000;
/** Conversations that begin before this are under way already, so that prompts are as long at first as later. */
const pastMs = 60_000;
/** What a turn adds, about. */
const turnTokens = 350;

/** Conversations whose every turn sends all that was said before. */
export class Conversations {
  private readonly waiting: Conversation[] = [];
  private first = 0;
  private begun = 0;

  constructor(
    private readonly dice: Dice,
    private readonly startMs: number,
  ) {}

  /** @param answerTokens what will be said in answer, and so be sent again by the turn after it */
  next(nowMs: number, answerTokens: number): Turn {
    const { dice } = this;
    const resumed = dice.next() < newShare ? null : this.resumed(nowMs);
    const { id, promptTokens, isNew } = resumed ?? this.begin(nowMs);
    const inputTokens = promptTokens + Math.max(1, Math.round(Math.min(2_000, dice.logNormal(60, 0.8))));
    if (dice.next() >= newShare) {
      const readyMs = nowMs + 8_000 + Math.min(120_000, dice.exponential(20_000));
      const heard = Math.min(longestPrompt, inputTokens + answerTokens);
      this.waiting.push({ id, promptTokens: heard, readyMs, isNew: false });
    }
    return { id, inputTokens, prefixTokens: isNew ? 0 : promptTokens };
  }

  private resumed(nowMs: number): Conversation | null {
    const oldest = this.waiting[this.first];
    if (oldest === undefined || oldest.readyMs > nowMs) return null;
    this.first += 1;
    if (this.first > 10_000) {
      this.waiting.splice(0, this.first);
      this.first = 0;
    }
    return oldest;
  }

  private begin(nowMs: number): Conversation {
    this.begun += 1;
    const { dice } = this;
    const turns = nowMs < this.startMs + pastMs ? Math.floor(dice.exponential(1 / newShare)) : 0;
    const firstTokens = Math.round(Math.min(4_000, dice.logNormal(600, 0.6)));
    const promptTokens = Math.min(longestPrompt, firstTokens + turns * turnTokens);
    return { id: this.begun, promptTokens, readyMs: 0, isNew: true };
  }
}
