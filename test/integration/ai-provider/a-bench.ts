import { ProviderRegistry, UndiciUpstreamClient } from '#ai-provider';
import type {
  ByteSink,
  LimitListener,
  ModelCall,
  ProviderAdapter,
  StreamEnd,
  UpstreamAnswer,
} from '#ai-provider';
import { Secret, systemClock } from '#kernel';
import { aModelCall } from '../../support/a-model-call.js';
import { AServer } from './a-server.js';

const found = new ProviderRegistry().get('openai');
if (found === null) throw new Error('no adapter for openai');
export const adapter: ProviderAdapter = found;
export const credential = new Secret('sk-integration-0123456789');
/** A signal that never fires. */
export const never = new AbortController().signal;

export const json = { 'content-type': 'application/json' };
export const sse = { 'content-type': 'text/event-stream' };
export const success = JSON.stringify({
  choices: [{ message: {} }],
  usage: { prompt_tokens: 5, completion_tokens: 2 },
});
export const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
export const role = data({ choices: [{ delta: { role: 'assistant', content: '' } }] });
export const text = (content: string) => data({ choices: [{ delta: { content } }] });
export const stop = data({ choices: [{ delta: {}, finish_reason: 'stop' }] });
export const usage = data({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
export const done = 'data: [DONE]\n\n';

/** Collects what a client would see; slow when told so. */
export class ASink implements ByteSink {
  received = '';
  readonly #isSlow: boolean;
  #wake = Promise.withResolvers<void>();
  /** Resolves when the first byte is here. */
  readonly first = Promise.withResolvers<void>();

  constructor({ isSlow = false } = {}) {
    this.#isSlow = isSlow;
  }

  write(chunk: Buffer): boolean {
    this.received += chunk.toString();
    this.first.resolve();
    return !this.#isSlow;
  }

  drained(): Promise<void> {
    return this.#wake.promise;
  }

  wake(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    resolve();
  }
}

/** A client with short timeouts and the provider it talks to. */
export class ABench {
  private constructor(
    readonly server: AServer,
    readonly client: UndiciUpstreamClient,
  ) {}

  static async start(): Promise<ABench> {
    const client = new UndiciUpstreamClient({ firstByteTimeoutMs: 150, idleTimeoutMs: 150 }, systemClock);
    return new ABench(await AServer.start(), client);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.server.stop();
  }

  send(
    changes: Partial<ModelCall> = {},
    signal: AbortSignal = never,
    baseUrl: string = this.server.url,
    client: UndiciUpstreamClient = this.client,
    listener?: LimitListener,
  ): Promise<UpstreamAnswer> {
    const target = { baseUrl, credential, model: 'm' };
    return client.send({ adapter, call: aModelCall(changes), target, listener }, signal);
  }

  stream(signal: AbortSignal = never): Promise<UpstreamAnswer> {
    return this.send({ stream: true }, signal);
  }

  /** Asks for a stream, insists on getting one, and passes it on. */
  async pipe(sink: ByteSink, signal: AbortSignal = never): Promise<StreamEnd> {
    const answer = await this.stream(signal);
    if (answer.kind !== 'stream') throw new Error(`expected a stream, got ${answer.kind}`);
    return answer.stream.pipe(sink);
  }
}
