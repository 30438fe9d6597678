import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Upload } from '#ai-provider';
import { DomainError } from '#kernel';
import { noLongerLate, whenLate } from '../../late-requests.js';
import { chunkCollector } from './chunk-collector.js';
import { FormHead } from './form-head.js';

/** Read and kept of any form with a model, bytes: small forms can be sent again as a whole. */
const usefulHead = 65_536;

/** What of a form may be taken. */
export interface FormBounds {
  /** The whole form, bytes. */
  readonly maxBytes: number;
  /** What is kept of it while its model is looked for, bytes. */
  readonly maxKeptBytes: number;
}

/**
 * A form that is passed on while it arrives, at the pace of whoever reads it. Only its head is kept, as far as to the model's
 * name: an attempt that took no more than that can be made again.
 */
export class FormUpload implements Upload {
  isSpent = false;
  /** Told when the form turns out to be at fault while it is passed on. */
  onFault: (error: DomainError) => void = () => undefined;
  private passed: number;
  private hasEnded: boolean;

  private constructor(
    private readonly request: IncomingMessage,
    private readonly head: FormHead,
    private readonly maxBytes: number,
    hasEnded: boolean,
  ) {
    this.passed = head.kept.length;
    this.hasEnded = hasEnded;
    if (!hasEnded) whenLate(request, (error) => this.onFault(error));
  }

  /**
   * Reads a form up to its model.
   *
   * @param contentType of the form
   * @param hasModel whether there is one to look for; else nothing is read yet
   * @throws DomainError `unsupported_media_type`, `request_too_large`, `request_timeout`, or `invalid_request` for what is no form, or one
   *   whose model stands behind too large a file; Error of the connection when the client goes away
   */
  static async open(
    request: IncomingMessage,
    contentType: string,
    hasModel: boolean,
    bounds: FormBounds,
  ): Promise<FormUpload> {
    const head = new FormHead(contentType);
    if (Number(request.headers['content-length'] ?? 0) > bounds.maxBytes) throw tooLarge(bounds.maxBytes);
    const hasEnded = hasModel ? await readHead(request, head, bounds) : false;
    return new FormUpload(request, head, bounds.maxBytes, hasEnded);
  }

  /** As the caller named it; `null` when it named none. */
  get model(): string | null {
    return this.head.model?.value ?? null;
  }

  /** Whether the form asks for a stream, as far as it was read. */
  get asksForStream(): boolean {
    return this.head.asksForStream || !this.head.isWhole;
  }

  lengthWith(model: string): number | null {
    const announced = this.hasEnded ? this.head.kept.length : this.request.headers['content-length'];
    if (announced === undefined) return null;
    const named = this.head.model;
    return Number(announced) + (named === null ? 0 : Buffer.byteLength(model) - (named.end - named.start));
  }

  open(model: string): Readable {
    const body = new FormBody(this, this.headWith(model));
    // Its reader is told of every error; nobody else needs to be.
    body.on('error', () => undefined);
    return body;
  }

  /** Lets what is left of the form pass by unread, so that the client comes to read its answer. */
  discard(): void {
    noLongerLate(this.request);
    this.request.resume();
  }

  /** Gives what follows the head, at the reader's pace; the end is `null`. */
  passRest(give: (chunk: Buffer | null) => boolean): { resume(): void; stop(): void } {
    const { request } = this;
    if (this.hasEnded) {
      give(null);
      return { resume: () => undefined, stop: () => undefined };
    }
    const onData = (chunk: Buffer): void => {
      this.isSpent = true;
      this.passed += chunk.length;
      chunkCollector.note(chunk.length);
      if (this.passed > this.maxBytes) this.onFault(tooLarge(this.maxBytes));
      else if (!give(chunk)) request.pause();
    };
    const onEnd = (): void => {
      this.hasEnded = true;
      noLongerLate(request);
      give(null);
    };
    request.on('data', onData).on('end', onEnd).resume();
    return {
      resume: () => void request.resume(),
      stop: () => void request.off('data', onData).off('end', onEnd).pause(),
    };
  }

  private headWith(model: string): Buffer[] {
    const { kept, model: named } = this.head;
    if (named === null || named.value === model) return kept.length === 0 ? [] : [kept];
    return [kept.subarray(0, named.start), Buffer.from(model), kept.subarray(named.end)];
  }
}

/** One attempt's reading of a form. */
class FormBody extends Readable {
  private rest: ReturnType<FormUpload['passRest']> | null = null;

  constructor(
    private readonly form: FormUpload,
    private readonly head: Buffer[],
  ) {
    super();
  }

  override _read(): void {
    const next = this.head.shift();
    if (next !== undefined) this.push(next);
    else if (this.rest !== null) this.rest.resume();
    else this.rest = this.form.passRest((chunk) => this.push(chunk));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.rest?.stop();
    done(error);
  }
}

/** @returns whether the form has ended */
function readHead(request: IncomingMessage, head: FormHead, bounds: FormBounds): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const onData = (chunk: Buffer): void => {
    try {
      head.add(chunk);
      if (head.isWhole || (head.model !== null && head.kept.length >= usefulHead)) resolve(false);
      else if (head.kept.length > bounds.maxKeptBytes) reject(modelTooLate(bounds.maxKeptBytes));
    } catch (error) {
      reject(error as Error);
    }
  };
  const onEnd = (): void => resolve(true);
  request.on('data', onData).on('end', onEnd).on('error', reject);
  whenLate(request, reject);
  return promise.finally(() => {
    noLongerLate(request);
    request.off('data', onData).off('end', onEnd).off('error', reject).pause();
  });
}

const tooLarge = (maxBytes: number): DomainError =>
  new DomainError('request_too_large', `The form is larger than the ${maxBytes} bytes that are taken.`);

const modelTooLate = (maxBytes: number): DomainError =>
  new DomainError(
    'invalid_request',
    `In a form of more than ${maxBytes} bytes 'model' must stand before the file.`,
    {
      field: 'model',
    },
  );
