import type { Secret } from '#kernel';

/** A token and until when it may be used. */
export interface ExpiringToken {
  readonly token: Secret;
  /** On the clock of whoever keeps it, ms. */
  readonly expiresAtMs: number;
}

/** A token is replaced so long before its end that no request arrives with one that has ended. */
const marginMs = 60_000;

/** Keeps a token until shortly before its end; many who want it at once ask for it once. */
export class TokenStore {
  #kept: ExpiringToken | null = null;
  #asked: Promise<ExpiringToken> | null = null;

  constructor(
    private readonly issue: () => Promise<ExpiringToken>,
    private readonly nowMs: () => number,
  ) {}

  /** @throws whatever issuing throws */
  async current(): Promise<Secret> {
    const kept = this.#kept;
    if (kept !== null && this.nowMs() < kept.expiresAtMs - marginMs) return kept.token;
    this.#asked ??= this.issue().finally(() => (this.#asked = null));
    this.#kept = await this.#asked;
    return this.#kept.token;
  }

  /** The token was refused. */
  forget(): void {
    this.#kept = null;
  }
}
