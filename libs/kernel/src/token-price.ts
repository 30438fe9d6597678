/** What tokens of a call cost, nano US dollars each, >= 0. */
export interface TokenPrice {
  readonly inputNanoUsd: number;
  readonly cachedInputNanoUsd: number;
  readonly outputNanoUsd: number;
}
