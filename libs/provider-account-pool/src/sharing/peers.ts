/** Who is not heard of for so long is gone, ms. */
const goneAfterMs = 3_000;
/** Replicas known at once; more are none of ours. */
const mostPeers = 1_000;

interface Peer {
  heardMs: number;
  sequence: number;
}

/** The other replicas, known by their messages. Time is counted by whoever asks, from any instant. */
export class Peers {
  private readonly known = new Map<string, Peer>();

  get count(): number {
    return this.known.size;
  }

  /** @returns `new` for one that was not known, `gap` when messages of it were missed, `old` when this one was heard before, `stranger` for one too many: what it tells could not be forgotten again */
  hear(id: string, sequence: number, nowMs: number): 'new' | 'next' | 'gap' | 'old' | 'stranger' {
    const peer = this.known.get(id);
    if (peer === undefined) {
      if (this.known.size >= mostPeers) return 'stranger';
      this.known.set(id, { heardMs: nowMs, sequence });
      return 'new';
    }
    const missed = sequence - peer.sequence - 1;
    peer.heardMs = nowMs;
    peer.sequence = Math.max(peer.sequence, sequence);
    if (missed < 0) return 'old';
    return missed === 0 ? 'next' : 'gap';
  }

  /** It has said that it leaves. */
  drop(id: string): void {
    this.known.delete(id);
  }

  /** @returns those that were not heard of for too long; they are forgotten */
  takeGone(nowMs: number): string[] {
    const gone = [...this.known].filter(([, { heardMs }]) => nowMs - heardMs > goneAfterMs).map(([id]) => id);
    for (const id of gone) this.known.delete(id);
    return gone;
  }

  /** Whether all were heard of since an instant. */
  areHeardSince(sinceMs: number): boolean {
    return [...this.known.values()].every(({ heardMs }) => heardMs >= sinceMs);
  }
}
