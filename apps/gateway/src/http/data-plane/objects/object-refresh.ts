import { Injectable } from '@nestjs/common';
import type { CallSignal } from '#ai-provider';
import { ObjectRelay, type Pin } from '#ai-routing';
import { ObjectAccounts } from '#provider-account-pool';
import { objectCall } from './object-call.js';
import { ObjectLedger } from './object-ledger.js';
import { placeOf, type ObjectRoute } from './object-routes.js';
import { withOwnAddress } from './results-address.js';

/** Asked at once for one list. */
const atOnce = 8;
const final: ReadonlySet<unknown> = new Set(['completed', 'failed', 'expired', 'cancelled', 'ended']);

/** Lists show things as they are now: batches and files that were still worked on are asked for anew. */
@Injectable()
export class ObjectRefresh {
  constructor(
    private readonly relay: ObjectRelay,
    private readonly accounts: ObjectAccounts,
    private readonly ledger: ObjectLedger,
  ) {}

  /** @returns the same pins, in order; one whose account does not answer as it was known last */
  async renewed(route: ObjectRoute, pins: readonly Pin[], signal: CallSignal): Promise<readonly Pin[]> {
    const open = [...pins.entries()].filter(([, pin]) => isWorkedOn(pin));
    if (open.length === 0) return pins;
    const renewed = [...pins];
    // The signal of a call has one listener; several requests share a signal of their own.
    const ending = new AbortController();
    const listener = { handleEvent: () => ending.abort(signal.reason) };
    signal.addEventListener('abort', listener);
    const lane = async (): Promise<void> => {
      for (let next = open.shift(); next !== undefined; next = open.shift()) {
        const [at, pin] = next;
        renewed[at] = await this.renew(route, pin, ending.signal);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    signal.removeEventListener('abort', listener);
    return renewed;
  }

  private async renew(
    { wireFormat, base, path, kind }: ObjectRoute,
    pin: Pin,
    signal: AbortSignal,
  ): Promise<Pin> {
    const holder = this.accounts.holder(pin.accountId, kind);
    if (holder === null || signal.aborted) return pin;
    const object = { kind, method: 'GET', path: `${placeOf(base)}${path}/${pin.id}` } as const;
    const call = objectCall({ requestId: pin.id, wireFormat, object });
    const answer = await this.relay.relay({ call, accounts: [holder], signal });
    return answer.kind === 'complete' && answer.status < 300
      ? this.ledger.noteTold(pin, withOwnAddress(kind, answer.body))
      : pin;
  }
}

function isWorkedOn({ kind, body }: Pin): boolean {
  switch (kind) {
    case 'batches':
    case 'message_batches':
      return !final.has(body?.['status']) && !final.has(body?.['processing_status']);
    case 'gemini_files':
      return body?.['state'] === 'PROCESSING';
    default:
      return false;
  }
}
