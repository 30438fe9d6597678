import type { ApiKeyId } from '#kernel';

/** When each key was used last, since the last {@link LastUses.take}. One entry a verified key: never more than keys. */
export class LastUses {
  #atMs = new Map<ApiKeyId, number>();

  note(apiKeyId: ApiKeyId, atMs: number): void {
    this.#atMs.set(apiKeyId, atMs);
  }

  /** Hands over what was noted, and starts anew. */
  take(): ReadonlyMap<ApiKeyId, number> {
    const taken = this.#atMs;
    this.#atMs = new Map();
    return taken;
  }

  /** Puts back what could not be written; newer notes win. */
  putBack(uses: ReadonlyMap<ApiKeyId, number>): void {
    this.#atMs = new Map([...uses, ...this.#atMs]);
  }
}
