import type { Client } from './clients.js';

/** What the callers saw. */
export interface Traffic {
  readonly calls: number;
  readonly plain: number;
  readonly streamed: number;
  /** One line per call that failed. */
  readonly errors: readonly string[];
  readonly durationMs: number;
}

/** How much is sent. */
export interface TrafficPlan {
  readonly calls: number;
  /** Calls under way at once. */
  readonly concurrency: number;
}

const question =
  'You are the concierge of a small hotel by the sea. A guest asks what to do on a rainy afternoon with two children. Answer in one sentence, call';

/**
 * Sends the calls by the clients in turn, each client plain and streamed in turn.
 *
 * @param onDone told after each call how many have ended
 * @throws the reason of the interruption; a failed call is no error but a line of the result
 */
export async function sendTraffic(
  clients: readonly Client[],
  { calls, concurrency }: TrafficPlan,
  interrupted: AbortSignal,
  onDone: (done: number) => void,
): Promise<Traffic> {
  const startedAtMs = performance.now();
  const errors: string[] = [];
  const sent = { plain: 0, streamed: 0 };
  let done = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < calls) {
      interrupted.throwIfAborted();
      const index = next++;
      const client = clients[index % clients.length];
      const manner = Math.floor(index / clients.length) % 2 === 0 ? 'plain' : 'streamed';
      if (client === undefined) throw new RangeError('clients: at least one');
      sent[manner]++;
      const error = await failureOf(client[manner](`${question} ${index}`));
      if (error !== null) errors.push(`${client.name}, ${manner}: ${error}`);
      onDone(++done);
    }
  };
  await Promise.race([
    Promise.all(Array.from({ length: concurrency }, worker)),
    rejectionWhenAborted(interrupted),
  ]);
  return { calls, ...sent, errors, durationMs: performance.now() - startedAtMs };
}

async function failureOf(answer: Promise<string>): Promise<string | null> {
  try {
    return (await answer) === '' ? 'an answer without text' : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function rejectionWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
