import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Chunks of so many bytes are left to lie before they are collected. */
const collectedAtBytes = 8 * 1_048_576;

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Has the chunks of uploads collected soon after they have passed. V8 by itself lets some 64 MiB of them lie, whatever the
 * process may use; a collection of the young costs about a millisecond.
 */
class ChunkCollector {
  private passed = 0;
  private collect: Collect | null = null;

  /** A chunk has passed. */
  note(bytes: number): void {
    this.passed += bytes;
    if (this.passed < collectedAtBytes) return;
    this.passed = 0;
    this.collect ??= collector();
    this.collect({ type: 'minor' });
  }
}

/** V8 gives the function out only while its flag is set. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return collect;
}

/** One for all uploads of the process. */
export const chunkCollector = new ChunkCollector();
