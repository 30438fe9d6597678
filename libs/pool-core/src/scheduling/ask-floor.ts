import type { AccountId } from '#kernel';
import { reservedOutput } from '../ask.js';
import type { Ask, TokenPrice } from '../ask.js';

/** After this many asks the floor is found anew: one tiny call does not lower it for ever. */
const asksPerFloor = 1_000;
const nobody: ReadonlySet<AccountId> = new Set();

/** An ask of one model that no ask of late was below, in any respect: who does not admit it admits none of them. */
export class AskFloor implements Ask {
  inputTokens = Infinity;
  outputTokens = Infinity;
  heldOutputTokens = Infinity;
  price: TokenPrice | null;
  readonly affinity = null;
  readonly exclude = nobody;
  private asks = 0;

  readonly model: string;

  constructor({ model, price }: Ask) {
    this.model = model;
    this.price = price;
  }

  /** Takes in an ask. @returns whether the floor had to go down for it */
  isLoweredBy(ask: Ask): boolean {
    this.asks += 1;
    if (this.asks > asksPerFloor) {
      this.asks = 0;
      this.inputTokens = Infinity;
      this.outputTokens = Infinity;
      this.heldOutputTokens = Infinity;
      this.price = ask.price;
    }
    if (!this.isAbove(ask)) return false;
    this.inputTokens = Math.min(this.inputTokens, ask.inputTokens);
    this.outputTokens = Math.min(this.outputTokens, ask.outputTokens);
    this.heldOutputTokens = Math.min(this.heldOutputTokens, reservedOutput(ask));
    this.price = cheaper(ask.price, this.price);
    return true;
  }

  /** Whether it is above an ask in some respect: what is known of the floor then says nothing about the ask. */
  isAbove(ask: Ask): boolean {
    return (
      ask.inputTokens < this.inputTokens ||
      ask.outputTokens < this.outputTokens ||
      reservedOutput(ask) < this.heldOutputTokens ||
      isCheaper(ask.price, this.price)
    );
  }
}

/** A price that nobody knows counts as none: budgets let it pass. */
function isCheaper(price: TokenPrice | null, than: TokenPrice | null): boolean {
  if (price === than || than === null) return false;
  return (
    price === null ||
    price.inputNanoUsd < than.inputNanoUsd ||
    price.cachedInputNanoUsd < than.cachedInputNanoUsd ||
    price.outputNanoUsd < than.outputNanoUsd
  );
}

function cheaper(one: TokenPrice | null, other: TokenPrice | null): TokenPrice | null {
  if (one === null || other === null) return null;
  return {
    inputNanoUsd: Math.min(one.inputNanoUsd, other.inputNanoUsd),
    cachedInputNanoUsd: Math.min(one.cachedInputNanoUsd, other.cachedInputNanoUsd),
    outputNanoUsd: Math.min(one.outputNanoUsd, other.outputNanoUsd),
  };
}
