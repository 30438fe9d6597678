import type { ByteSink } from '#ai-provider';

/** Chunks that may wait before the provider is slowed down. */
const highWater = 16;

/** Turns a stream that is pushed into one that is pulled; a slow reader slows the provider, memory stays bounded. */
export class ChunkQueue implements ByteSink {
  private readonly chunks: Buffer[] = [];
  private ended = false;
  private wakeReader: () => void = () => undefined;
  private wakeWriter: () => void = () => undefined;

  write(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.wakeReader();
    return this.chunks.length < highWater;
  }

  drained(): Promise<void> {
    if (this.ended || this.chunks.length < highWater) return Promise.resolve();
    return new Promise((resolve) => (this.wakeWriter = resolve));
  }

  /** Nothing will be written or read any more. */
  end(): void {
    this.ended = true;
    this.wakeReader();
    this.wakeWriter();
  }

  /** Everything written, in order, until {@link ChunkQueue.end}. */
  async *read(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        if (this.chunks.length < highWater) this.wakeWriter();
        yield chunk;
      } else if (this.ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.wakeReader = resolve));
      }
    }
  }
}
