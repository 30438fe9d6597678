/** Told when a call is to end. */
export interface CallSignalListener {
  handleEvent(): void;
}

/** Ends a call from outside: the part of `AbortSignal` that calls need, so every `AbortSignal` is one. */
export interface CallSignal {
  readonly aborted: boolean;
  /** Why; `undefined` until then. */
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: CallSignalListener): void;
  removeEventListener(type: 'abort', listener: CallSignalListener): void;
}

/**
 * A signal and its trigger in one object, for one listener at a time: what a call needs, as it has one attempt under way.
 * Listening to an `AbortSignal` costs more than everything else the gateway does for a call (decision 0007).
 */
export class CallAbort implements CallSignal {
  aborted = false;
  reason: unknown = undefined;
  private listener: CallSignalListener | null = null;

  /** Ends the call; only the first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.listener?.handleEvent();
  }

  /** @throws RangeError when somebody listens already */
  addEventListener(_type: 'abort', listener: CallSignalListener): void {
    if (this.listener !== null) throw new RangeError('a call has one attempt under way, and so one listener');
    this.listener = listener;
  }

  removeEventListener(_type: 'abort', listener: CallSignalListener): void {
    if (this.listener === listener) this.listener = null;
  }
}
