import { DomainError } from '#kernel';

/** Far beyond any real one: names and types of one part of a form. */
const longestPartHead = 16_384;
const firstCapacity = 16_384;
const endOfLine = '\r\n';
const endOfPartHead = '\r\n\r\n';

/** A text field of a form and where its value stands. */
interface Field {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the fields of a multipart form as it arrives, and keeps every byte of it, those of files too: how much may be kept is
 * for its owner to say.
 */
export class FormHead {
  /** Whether the form is here to its end. */
  isWhole = false;
  /** `null` until it is found. */
  model: Field | null = null;
  /** Whether a field `stream` said so, as far as was read. */
  asksForStream = false;
  private bytes = Buffer.allocUnsafe(firstCapacity);
  private length = 0;
  private readonly delimiter: Buffer;
  /** What comes next: a delimiter, from here on. */
  private at = 0;
  /** The part whose end is looked for. */
  private part: { readonly name: string; readonly start: number } | null = null;

  /** @throws DomainError `unsupported_media_type` unless it is a form with a boundary */
  constructor(contentType: string) {
    const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(
      contentType,
    );
    if (boundary === null) {
      throw new DomainError('unsupported_media_type', 'Send the file as content-type multipart/form-data.');
    }
    this.delimiter = Buffer.from(`--${boundary[1] ?? boundary[2] ?? ''}`);
  }

  /** Everything so far. */
  get kept(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** @throws DomainError `invalid_request` for what is no form */
  add(chunk: Buffer): void {
    this.keep(chunk);
    while (!this.isWhole && this.step());
  }

  private keep(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length));
      this.kept.copy(larger);
      this.bytes = larger;
    }
    chunk.copy(this.bytes, this.length);
    this.length = needed;
  }

  /** @returns whether it got on; else more bytes are needed */
  private step(): boolean {
    return this.part === null ? this.readPartHead() : this.readPartEnd(this.part);
  }

  private readPartHead(): boolean {
    const { kept, delimiter } = this;
    const start = this.at + delimiter.length;
    if (kept.length < start + 2) return false;
    if (kept.compare(delimiter, 0, delimiter.length, this.at, start) !== 0) throw unreadable();
    const next = kept.toString('latin1', start, start + 2);
    if (next === '--') return (this.isWhole = true);
    if (next !== endOfLine) throw unreadable();
    const end = kept.indexOf(endOfPartHead, start);
    if ((end === -1 ? kept.length : end) - start > longestPartHead) throw unreadable();
    if (end === -1) return false;
    this.at = end + endOfPartHead.length;
    this.part = { name: nameIn(kept.toString('utf8', start, end)), start: this.at };
    return true;
  }

  private readPartEnd({ name, start }: { name: string; start: number }): boolean {
    const { kept, delimiter } = this;
    const end = kept.indexOf(delimiter, this.at);
    // The end may stand across two chunks.
    if (end === -1) this.at = Math.max(this.at, kept.length - delimiter.length);
    if (end === -1) return false;
    this.at = end;
    const isEnd = end >= start + 2 && kept.toString('latin1', end - 2, end) === endOfLine;
    if (isEnd) this.take(name, start, end - endOfLine.length);
    // The same letters inside a part do not end it.
    else this.at = end + 1;
    return true;
  }

  private take(name: string, start: number, end: number): void {
    this.part = null;
    const value = (): string => this.kept.toString('utf8', start, end);
    if (name === 'stream') this.asksForStream = value() === 'true';
    if (name === 'model') this.model ??= { value: value(), start, end };
  }
}

/** The name of a part; empty for a file, which is never one of the fields we look at. */
function nameIn(head: string): string {
  if (/;\s*filename\*?=/i.test(head)) return '';
  const name = /;\s*name=(?:"([^"]*)"|([^;\s]+))/i.exec(head);
  return name?.[1] ?? name?.[2] ?? '';
}

const unreadable = (): DomainError => new DomainError('invalid_request', 'The form cannot be read.');
