import { Inject, Injectable } from '@nestjs/common';
import type { ByteSink, ModelCall } from '#ai-provider';
import { Pins, type AnsweredBy, type RelayAnswer } from '#ai-routing';
import type { Caller } from '#api-keys';
import { CLOCK, type Clock } from '#kernel';
import { newPin } from './object-bindings.js';

/** The id stands at the beginning of a response, and of the first event of its stream. */
const searchedBytes = 4_096;
const idMember = /"id"\s*:\s*"([\w-]{1,256})"/;
/** An answer does not wait longer for its pin: it is written later then. */
const patienceMs = 500;

/**
 * Remembers with which account each response lies, so that the next turn of a conversation, which names it, goes there. A
 * whole answer goes out when that is stored, so that the next turn may come to any replica; a stream has time until its end.
 */
@Injectable()
export class KeptResponses {
  constructor(
    private readonly pins: Pins,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether the provider keeps what this call makes: unless the caller forbids it. */
  concerns({ operation, json }: ModelCall): boolean {
    return operation === 'responses' && json?.['store'] !== false;
  }

  /** Notes the response in an answer. @returns the answer to pass on */
  async note(answer: RelayAnswer, caller: Caller): Promise<RelayAnswer> {
    if (answer.kind === 'complete' && answer.status < 300) {
      const stored = this.remember(answer.body, 1, answer.by, caller);
      if (stored !== null) await inTime(stored);
    }
    if (answer.kind !== 'stream') return answer;
    const { pipe, by } = answer;
    return {
      ...answer,
      pipe: (sink) => pipe(new FirstBytes(sink, (bytes) => this.remember(bytes, 2, by, caller))),
    };
  }

  /** @param depth in how many objects the id stands */
  private remember(
    bytes: Buffer,
    depth: number,
    { provider, accountId }: AnsweredBy,
    caller: Caller,
  ): Promise<void> | null {
    const id = idIn(bytes.toString('latin1', 0, searchedBytes), depth);
    if (id === null || provider === null || accountId === null) return null;
    const thing = { kind: 'responses', id, provider, accountId, owner: caller.apiKeyId } as const;
    return this.pins.remember(newPin(thing, this.clock.nowMs()));
  }
}

/** The id of a response, and no other: what the caller itself wrote, such as its metadata, stands deeper. */
function idIn(text: string, depth: number): string | null {
  const found = idMember.exec(text);
  if (found === null) return null;
  let open = 0;
  for (const character of text.slice(0, found.index))
    open += character === '{' ? 1 : character === '}' ? -1 : 0;
  return open === depth ? (found[1] ?? null) : null;
}

/** Shows the first bytes that pass to somebody. */
class FirstBytes implements ByteSink {
  private isFirst = true;

  constructor(
    private readonly sink: ByteSink,
    private readonly show: (bytes: Buffer) => unknown,
  ) {}

  write(chunk: Buffer): boolean {
    if (this.isFirst) this.show(chunk);
    this.isFirst = false;
    return this.sink.write(chunk);
  }

  drained(): Promise<void> {
    return this.sink.drained();
  }
}

async function inTime(stored: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, patienceMs);
  await Promise.race([stored, promise]);
  clearTimeout(timer);
}
