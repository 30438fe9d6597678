import { SharingBus } from '../src/sharing/sharing-bus.js';

/** What carries texts between replicas that live in one process; may be cut. */
export class MemoryChannel {
  isCut = false;
  readonly buses = new Set<MemorySharingBus>();

  carry(text: string): void {
    if (!this.isCut) for (const bus of [...this.buses]) bus.receive(text);
  }
}

/** Everything sent is heard at once. */
export class MemorySharingBus extends SharingBus {
  private listener: (text: string) => void = () => undefined;
  /** How often another way was looked for. */
  renewals = 0;

  constructor(private readonly channel: MemoryChannel) {
    super();
    channel.buses.add(this);
  }

  receive(text: string): void {
    this.listener(text);
  }

  send(text: string): void {
    if (this.channel.buses.has(this)) this.channel.carry(text);
  }

  listen(listener: (text: string) => void): void {
    this.listener = listener;
  }

  renew(): void {
    this.renewals += 1;
  }

  close(): void {
    this.channel.buses.delete(this);
  }
}
