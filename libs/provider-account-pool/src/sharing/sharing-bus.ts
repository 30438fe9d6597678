/**
 * Carries short texts between the replicas of one gateway, this one included, in the order in which each sent them. What is sent while it
 * is away is lost; nobody waits for it. Port; every adapter passes `sharing-bus.contract.ts`.
 */
export abstract class SharingBus {
  /** Never throws and never waits. */
  abstract send(text: string): void;
  /** @param listener of everything that is sent, one's own as well; there is one at a time */
  abstract listen(listener: (text: string) => void): void;
  /** What was sent does not come back: looks for another way, if it has none open already. */
  abstract renew(): void;
  abstract close(): void;
}
