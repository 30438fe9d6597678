import type { IncomingMessage } from 'node:http';
import { DomainError } from '#kernel';
import { noLongerLate, whenLate } from '../../late-requests.js';
import { BodyUpload, refuseTooLarge } from './body-upload.js';
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
 * A form that is passed on while it arrives. Only its head is kept, as far as to the model's name: an attempt that took no more
 * than that can be made again.
 */
export class FormUpload extends BodyUpload {
  private constructor(
    request: IncomingMessage,
    private readonly head: FormHead,
    maxBytes: number,
    hasEnded: boolean,
  ) {
    super(request, maxBytes, head.kept.length, hasEnded);
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
    refuseTooLarge(request, bounds.maxBytes);
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

  override lengthWith(model: string): number | null {
    const announced = this.hasEnded ? this.head.kept.length : super.lengthWith(model);
    if (announced === null) return null;
    const named = this.head.model;
    return announced + (named === null ? 0 : Buffer.byteLength(model) - (named.end - named.start));
  }

  protected override headWith(model: string): Buffer[] {
    const { kept, model: named } = this.head;
    if (named === null || named.value === model) return kept.length === 0 ? [] : [kept];
    return [kept.subarray(0, named.start), Buffer.from(model), kept.subarray(named.end)];
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

const modelTooLate = (maxBytes: number): DomainError =>
  new DomainError(
    'invalid_request',
    `In a form of more than ${maxBytes} bytes 'model' must stand before the file.`,
    {
      field: 'model',
    },
  );
