import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';

const stopping = new DomainError('shutting_down', 'The gateway is stopping. Send the call again.');

/** The calls under way, so that a stopping process can let them finish. */
@Injectable()
export class OpenCalls {
  private readonly controllers = new Set<AbortController>();
  private onEmpty: (() => void) | null = null;
  /** Whether the process is stopping: answers then close their connections. */
  draining = false;

  get size(): number {
    return this.controllers.size;
  }

  add(controller: AbortController): void {
    this.controllers.add(controller);
  }

  remove(controller: AbortController): void {
    this.controllers.delete(controller);
    if (this.controllers.size === 0) this.onEmpty?.();
  }

  /**
   * Waits until every call has ended; those still open after `timeoutMs` are aborted.
   *
   * @returns how many had to be aborted
   */
  async drain(timeoutMs: number): Promise<number> {
    this.draining = true;
    if (this.controllers.size === 0) return 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onEmpty = resolve;
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
    const late = [...this.controllers];
    for (const controller of late) controller.abort(stopping);
    return late.length;
  }
}
