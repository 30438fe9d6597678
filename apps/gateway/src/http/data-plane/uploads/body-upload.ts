import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Upload } from '#ai-provider';
import { DomainError } from '#kernel';
import { noLongerLate, whenLate } from '../../late-requests.js';
import { PassedBody } from './passed-body.js';
import type { BodyRest, Give } from './passed-body.js';

/** A body that is passed on while it arrives, at the pace of whoever reads it: nothing of it is kept. */
export class BodyUpload implements Upload {
  isSpent = false;
  /** Told when the body turns out to be at fault while it is passed on. */
  onFault: (error: DomainError) => void = () => undefined;

  /**
   * @param maxBytes the whole body
   * @param passed what was read of it already
   */
  protected constructor(
    protected readonly request: IncomingMessage,
    private readonly maxBytes: number,
    private passed: number,
    protected hasEnded: boolean,
  ) {
    if (!hasEnded) whenLate(request, (error) => this.onFault(error));
  }

  /**
   * @param maxBytes the whole body; an announced larger one is refused before its first byte
   * @throws DomainError `request_too_large`
   */
  static of(request: IncomingMessage, maxBytes: number): BodyUpload {
    refuseTooLarge(request, maxBytes);
    return new BodyUpload(request, maxBytes, 0, false);
  }

  /** As announced; `null` when only its end will tell. */
  lengthWith(_model: string): number | null {
    const announced = this.request.headers['content-length'];
    return announced === undefined ? null : Number(announced);
  }

  open(model: string): Readable {
    const body = new PassedBody(this.headWith(model), (give) => this.passRest(give));
    // Its reader is told of every error; nobody else needs to be.
    body.on('error', () => undefined);
    return body;
  }

  /** Lets what is left of the body pass by unread, so that the client comes to read its answer. */
  discard(): void {
    noLongerLate(this.request);
    this.request.resume();
  }

  /** Gives what follows the head, at the reader's pace. */
  private passRest(give: Give): BodyRest {
    const { request } = this;
    if (this.hasEnded) {
      give(null);
      return { resume: () => undefined, stop: () => undefined };
    }
    const onData = (chunk: Buffer): void => {
      this.isSpent = true;
      this.passed += chunk.length;
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

  /** What goes before the rest. */
  protected headWith(_model: string): Buffer[] {
    return [];
  }
}

/** @throws DomainError `request_too_large` for a body that announces itself as larger */
export function refuseTooLarge({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number): DomainError =>
  new DomainError('request_too_large', `The upload is larger than the ${maxBytes} bytes that are taken.`);
