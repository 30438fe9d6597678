import type { Fault } from '../scenario/fault.js';

/** How an answer is given: as it should be, or spoilt by a fault. */
export interface Manner {
  /** Before the first byte, besides the provider's latency. */
  readonly delayMs: number;
  /** Before each chunk of a stream. */
  readonly chunkDelayMs: number;
  /** `truncated` ends a body properly in its middle; `cut` closes the connection there. */
  readonly ending: 'complete' | 'truncated' | 'cut' | 'hang' | 'error';
  /** Chunks before any other ending than `complete`; default half of them. */
  readonly afterChunks?: number;
  readonly contentType?: string;
}

const faultless: Manner = { delayMs: 0, chunkDelayMs: 0, ending: 'complete' };

/** What a fault does to an answer that is given nevertheless. */
export function mannerOf(fault: Fault | undefined): Manner {
  switch (fault?.kind) {
    case 'slow_first_byte':
      return { ...faultless, delayMs: fault.delayMs };
    case 'brown_out':
      return { ...faultless, delayMs: fault.delayMs ?? 2_000 };
    case 'slow_stream':
      return { ...faultless, chunkDelayMs: fault.delayMs };
    case 'hang_mid_stream':
      return { ...faultless, ending: 'hang' };
    case 'reset_mid_body':
    case 'reset_mid_stream':
      return { ...faultless, ending: 'cut' };
    case 'truncated_json':
      return { ...faultless, ending: 'truncated' };
    case 'error_in_stream':
      return { ...faultless, ending: 'error', afterChunks: fault.afterChunks };
    case 'wrong_content_type':
      return { ...faultless, contentType: 'text/html; charset=utf-8' };
    default:
      return faultless;
  }
}
