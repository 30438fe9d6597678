/** Half of what an account carried counts no more after this long: as long as providers keep a prompt warm. */
const halfLifeMs = 5 * 60_000;

/** What an account has carried of late, in tokens; fades by itself. */
export class RecentLoad {
  private tokens = 0;
  private updatedMs = 0;

  /** Tokens, each worth less the longer ago it was carried. */
  at(nowMs: number): number {
    return this.tokens === 0 ? 0 : this.tokens * 2 ** (Math.min(0, this.updatedMs - nowMs) / halfLifeMs);
  }

  add(tokens: number, nowMs: number): void {
    this.tokens = this.at(nowMs) + tokens;
    this.updatedMs = Math.max(this.updatedMs, nowMs);
  }
}
