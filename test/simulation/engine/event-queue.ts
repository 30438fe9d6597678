interface Event {
  readonly atMs: number;
  /** Order of scheduling: what is due together happens in it. */
  readonly order: number;
  readonly act: () => void;
}

const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Virtual time: events happen in order, each at its instant, and nothing takes time but what is scheduled. */
export class EventQueue {
  private readonly heap: Event[] = [];
  private scheduled = 0;

  /** @param nowMs when it begins, ms since the epoch */
  constructor(public nowMs: number) {}

  /** @param atMs ms since the epoch, taken to the next whole one, as the gateway's clock tells them; the past counts as now */
  at(atMs: number, act: () => void): void {
    this.scheduled += 1;
    this.heap.push({ atMs: Math.max(Math.ceil(atMs), this.nowMs), order: this.scheduled, act });
    this.rise(this.heap.length - 1);
  }

  after(delayMs: number, act: () => void): void {
    this.at(this.nowMs + delayMs, act);
  }

  /** Lets everything happen, until nothing is scheduled any more. */
  run(): void {
    for (let next = this.take(); next !== undefined; next = this.take()) {
      this.nowMs = next.atMs;
      next.act();
    }
  }

  private take(): Event | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) this.sink(last);
    return first;
  }

  private rise(from: number): void {
    const { heap } = this;
    const event = heap[from] as Event;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  private sink(event: Event): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, event)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = event;
  }
}
