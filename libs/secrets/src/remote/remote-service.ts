import { KeysUnreachable, type KeysTrouble } from '../key-encryption-keys.js';
import { boundedText } from './bounded-text.js';
import type { Patience } from './patience.js';

/** A request in JSON, or in whatever its headers say. */
export interface RemoteRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What was answered that is no fault of the way to it. */
export interface RemoteAnswer {
  readonly status: number;
  /** Empty when the answer is no JSON object, or is longer than 64 KiB. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** After the first failure nobody is asked for as long, twice as long after each further one. */
const shortestQuietMs = 1_000;
const longestQuietMs = 60_000;

const longestAnswerBytes = 65_536;

/**
 * Asks somebody over HTTP who may be away: tries again what may pass, a few times; after that leaves it alone for a while.
 * No error holds anything of a request or an answer but its status.
 */
export class RemoteService {
  #quietMs = 0;
  #quietUntilMs = -Infinity;
  #trouble: string | null = null;

  /**
   * @param name what messages call it
   * @param passing what is wrong with an answer that another attempt may mend; `null`: nothing
   */
  constructor(
    private readonly name: string,
    private readonly patience: Patience,
    private readonly passing: (answer: RemoteAnswer) => KeysTrouble | null = passingStatus,
  ) {}

  /** Why the last question had no answer; `null` when it had one. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /**
   * @param make is called for each attempt, so that signatures are of its time
   * @throws KeysUnreachable `unreachable` or `throttled`, after the last attempt, and for a while without any
   */
  async ask(make: () => RemoteRequest | Promise<RemoteRequest>): Promise<RemoteAnswer> {
    if (this.patience.nowMs() < this.#quietUntilMs) {
      throw new KeysUnreachable(`${this.name} could not be reached just now`);
    }
    let failed: Failed = { trouble: 'unreachable', why: '' };
    for (const pauseMs of [0, ...this.patience.pausesMs]) {
      if (pauseMs > 0) await this.patience.pause(pauseMs);
      const answer = await this.attempt(await make());
      if ('status' in answer) {
        this.#quietMs = 0;
        this.#trouble = null;
        return answer;
      }
      failed = answer;
    }
    this.#quietMs = Math.min(Math.max(this.#quietMs * 2, shortestQuietMs), longestQuietMs);
    this.#quietUntilMs = this.patience.nowMs() + this.#quietMs;
    const says = failed.trouble === 'throttled' ? 'throttles' : 'cannot be reached';
    this.#trouble = `${this.name} ${says}: ${failed.why}`;
    throw new KeysUnreachable(this.#trouble, failed.trouble);
  }

  /** @returns the answer, or why another attempt may help */
  private async attempt({ method, url, headers, body }: RemoteRequest): Promise<RemoteAnswer | Failed> {
    try {
      const signal = AbortSignal.timeout(this.patience.timeoutMs);
      const response = await fetch(url, { method, headers, body, redirect: 'error', signal });
      const answer = {
        status: response.status,
        body: jsonObject(await boundedText(response, longestAnswerBytes)),
      };
      const trouble = this.passing(answer);
      return trouble === null ? answer : { trouble, why: `status ${answer.status}` };
    } catch (error) {
      return { trouble: 'unreachable', why: String((error as { name?: unknown }).name) };
    }
  }
}

interface Failed {
  readonly trouble: KeysTrouble;
  readonly why: string;
}

/** What passes by itself, by the status alone. */
export function passingStatus({ status }: RemoteAnswer): KeysTrouble | null {
  if (status === 429) return 'throttled';
  return status >= 500 || status === 408 ? 'unreachable' : null;
}

function jsonObject(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
