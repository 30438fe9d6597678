import type { LimitedUnit } from '#kernel';
import type { SimCall } from './sim-call.js';

/** What goodput, load and fairness are counted in: what runs out first. `slot_ms`: how long calls are under way. */
export type CountedUnit = LimitedUnit | 'slot_ms';

/** How fast accounts answer. */
export interface Pace {
  /** Median time to first byte, ms. */
  readonly firstByteMs: number;
  /** Speed of answers. */
  readonly tokensPerSecond: number;
}

/** What a call with so many tokens takes of a limit. */
export function unitsOf(unit: LimitedUnit, input: number, output: number): number {
  switch (unit) {
    case 'requests':
      return 1;
    case 'tokens':
      return input + output;
    case 'input_tokens':
      return input;
    case 'output_tokens':
      return output;
  }
}

/** How much a call is in the unit that counts. */
export function sizeOf(call: SimCall, unit: CountedUnit, { firstByteMs, tokensPerSecond }: Pace): number {
  const { inputTokens, outputTokens, wireMs, slowness } = call;
  if (unit !== 'slot_ms') return unitsOf(unit, inputTokens, outputTokens);
  return 2 * wireMs + slowness * firstByteMs + (1_000 * outputTokens) / tokensPerSecond;
}
