/** Seeded chance. Each use draws from dice of its own, so that one policy's luck does not change another's. */
export class Dice {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param use what these dice are for: other dice for another use of the same seed */
  constructor(seed: number, use: string) {
    this.a = seed | 0;
    this.b = hash(use);
    this.c = hash(`${use}/${seed}`);
    for (let at = 0; at < 12; at += 1) this.next();
  }

  /** Uniform in [0, 1). */
  readonly next = (): number => {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return (t >>> 0) / 2 ** 32;
  };

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** @param sigma of the logarithm */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  /** @param shape the smaller, the heavier the tail; > 1 */
  pareto(least: number, shape: number): number {
    return least / (1 - this.next()) ** (1 / shape);
  }
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value | 0;
}
