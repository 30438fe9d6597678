import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from '../accounts/account.js';
import type { Situation } from '../dialects/dialect.js';
import { tightest } from '../accounts/quota.js';
import type { Provider } from '../provider.js';
import type { Fault } from '../scenario/fault.js';
import { unknownKey } from '../witness/witness.js';
import { noTokens } from '../witness/tally.js';
import type { BilledTokens } from '../witness/tally.js';
import type { World } from '../world.js';

/** Where a call is addressed to. */
export interface Address {
  readonly provider: Provider;
  /** After the provider's name, with a leading slash. */
  readonly path: string;
  readonly query: string;
}

/** One call from its arrival until its connection is done with it; then it is recorded, whatever happened. */
export class Exchange {
  /** Set when the body has arrived. */
  id = '';
  readonly arrivedAtMs: number;
  /** The presented key, when it is one of the scenario's. */
  readonly account: Account | undefined;
  readonly presentedKey: string | undefined;
  model = '';
  streamed = false;
  fault: Fault | undefined;
  /** What has been handed to the client so far. */
  delivered: Readonly<BilledTokens> = noTokens;
  /** The simulator itself has broken the connection. */
  isCut = false;
  /** Gives back what admission took. */
  onEnd: () => void = () => {};

  constructor(
    readonly world: World,
    readonly address: Address,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    const { provider, query } = address;
    this.arrivedAtMs = world.clock.nowMs();
    this.presentedKey = provider.dialect.presentedKey(request.headers, query);
    this.account = this.presentedKey === undefined ? undefined : provider.account(this.presentedKey);
    world.witness.begin(provider.name, this.keyName, this.arrivedAtMs);
    response.once('close', () => this.#end());
  }

  get keyName(): string {
    return this.account?.spec.key ?? unknownKey;
  }

  situation(nowMs: number): Situation {
    return {
      requestId: this.id,
      organisation: this.account?.organisation.name ?? '',
      model: this.model,
      limits: this.account ? tightest(this.account.quotas, nowMs) : [],
      nowMs,
    };
  }

  #end(): void {
    const { response, request, address, delivered } = this;
    this.onEnd();
    this.account?.pay(address.provider.costUsd(delivered));
    this.world.witness.end({
      atMs: this.arrivedAtMs,
      provider: address.provider.name,
      key: this.keyName,
      method: request.method ?? '',
      path: address.path,
      model: this.model,
      streamed: this.streamed,
      status: response.headersSent ? response.statusCode : 0,
      tokens: delivered,
      aborted: !response.writableFinished && !this.isCut,
      fault: this.fault?.kind ?? null,
      durationMs: this.world.clock.nowMs() - this.arrivedAtMs,
    });
  }
}
