import type { Quota } from '../quota.js';

/** Calls under way in other processes, each as it said last. */
export class CallsElsewhere {
  private readonly byProcess = new Map<string, Map<Quota, number>>();

  /** @param calls >= 0, all that a process has under way there now */
  note(process: string, quota: Quota, calls: number): void {
    const known = this.byProcess.get(process) ?? new Map<Quota, number>();
    quota.noteElsewhere(calls - (known.get(quota) ?? 0));
    if (calls === 0) known.delete(quota);
    else known.set(quota, calls);
    if (known.size === 0) this.byProcess.delete(process);
    else this.byProcess.set(process, known);
  }

  /** A process is gone, or what it said may have been missed. */
  forget(process: string): void {
    for (const [quota, calls] of this.byProcess.get(process) ?? []) quota.noteElsewhere(-calls);
    this.byProcess.delete(process);
  }

  /** Forgets all. */
  clear(): void {
    for (const process of [...this.byProcess.keys()]) this.forget(process);
  }

  /** Forgets what has left the pool. */
  keep(quotas: ReadonlySet<Quota>): void {
    for (const known of this.byProcess.values()) {
      for (const [quota, calls] of known) {
        if (quotas.has(quota)) continue;
        quota.noteElsewhere(-calls);
        known.delete(quota);
      }
    }
  }
}
