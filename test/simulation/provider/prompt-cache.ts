const ttlMs = 300_000;

/** Which conversations were served of late: their prompts' beginnings are read from the cache. */
export class PromptCache {
  private readonly coldAtMs = new Map<number, number>();

  isWarm(conversation: number, nowMs: number): boolean {
    return (this.coldAtMs.get(conversation) ?? 0) > nowMs;
  }

  keepWarm(conversation: number, nowMs: number): void {
    this.coldAtMs.set(conversation, nowMs + ttlMs);
  }
}
