/** Picks that are remembered. */
const longest = 1_000;

/** Who was picked, of the last 1,000 times. */
export class PickHistory<Some> {
  private readonly picks: Some[] = [];
  private next = 0;

  note(picked: Some): void {
    this.picks[this.next] = picked;
    this.next = (this.next + 1) % longest;
  }

  /** How often each was picked. */
  counts(): Map<Some, number> {
    const counts = new Map<Some, number>();
    for (const picked of this.picks) counts.set(picked, (counts.get(picked) ?? 0) + 1);
    return counts;
  }
}

/**
 * Shannon entropy of a distribution: how many bits one draw tells.
 *
 * @param amounts >= 0, in any unit
 * @returns bits, 0 when all is in one place or there is nothing
 */
export function entropyBits(amounts: readonly number[]): number {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const bits = amounts.map((amount) => (amount > 0 ? (amount / total) * Math.log2(total / amount) : 0));
  return bits.reduce((sum, one) => sum + one, 0);
}
