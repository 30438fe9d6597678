import { UsageRecorder, type UsageRecord } from '#billing';

/** Keeps the usage of one run in memory; a run is bounded by its flags. */
export class CollectedUsage extends UsageRecorder {
  readonly records: UsageRecord[] = [];

  record(usage: UsageRecord): void {
    this.records.push(usage);
  }
}
