import type { Dispatcher } from 'undici';
import type { ProviderFailure, TokenUsage } from '#kernel';
import type { StreamReader } from '../contract/provider-adapter.js';
import { CollectedBytes } from './collected-bytes.js';
import type { ByteSink, StreamEnd, UpstreamStream } from '../contract/upstream-client.js';

/** Held back for a caller that has not begun to read; beyond it the provider is made to wait. */
const maxWaitingBytes = 65_536;

/** Ends the exchange behind a stream. */
export interface StreamOwner {
  /** Closes the connection and forgets the signal. */
  hangUp(): void;
  /** ms since the request was sent. */
  elapsedMs(): number;
}

/** A stream with real output, passed on with back-pressure. */
export class LiveStream implements UpstreamStream {
  readonly #waiting = new CollectedBytes();
  #sink: ByteSink | null = null;
  #end: StreamEnd | null = null;
  #isSlow = false;
  #resolve: ((end: StreamEnd) => void) | null = null;

  constructor(
    private readonly owner: StreamOwner,
    private readonly controller: Dispatcher.DispatchController,
    private readonly reader: StreamReader,
    private readonly inputTokensEstimate: number,
  ) {}

  pipe(sink: ByteSink): Promise<StreamEnd> {
    this.#sink = sink;
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.#resolve = resolve;
    const isWaiting = this.#waiting.size > maxWaitingBytes;
    this.write(this.#waiting.take());
    if (this.#end !== null) resolve(this.#end);
    else if (isWaiting && !this.#isSlow) this.controller.resume();
    return promise;
  }

  cancel(): StreamEnd {
    const end = this.finish('aborted', null);
    this.owner.hangUp();
    return end;
  }

  /** Passes bytes on, or keeps them until the caller reads. */
  write(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#sink === null) {
      this.#waiting.add(chunk);
      if (this.#waiting.size > maxWaitingBytes && this.#end === null) this.controller.pause();
    } else if (!this.#give(this.#sink, chunk) && !this.#isSlow && this.#end === null) {
      this.#isSlow = true;
      this.controller.pause();
      this.#sink.drained().then(this.#goOn, this.#giveUp);
    }
  }

  /** Says how it ended; only the first call counts. */
  finish(kind: StreamEnd['kind'], failure: ProviderFailure | null): StreamEnd {
    if (this.#end !== null) return this.#end;
    this.#end = { kind, failure, usage: this.#usage(), durationMs: this.owner.elapsedMs() };
    this.#resolve?.(this.#end);
    return this.#end;
  }

  /** What the provider said, and where it did not come to say it, what has been written: cut off is not free. */
  #usage(): TokenUsage | null {
    const { usage, outputTokensEstimate: output } = this.reader;
    if (output === 0) return usage;
    if (usage === null) return { input: this.inputTokensEstimate, cachedInput: 0, output, reasoning: 0 };
    return usage.output === 0 ? { ...usage, output } : usage;
  }

  /** A sink that throws is a caller that has gone: no fault of the provider. */
  #give(sink: ByteSink, chunk: Buffer): boolean {
    try {
      return sink.write(chunk);
    } catch {
      this.cancel();
      return true;
    }
  }

  readonly #giveUp = (): void => void this.cancel();

  readonly #goOn = (): void => {
    this.#isSlow = false;
    if (this.#end === null) this.controller.resume();
  };
}
