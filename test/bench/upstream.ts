import { forkChild } from './bench-child.js';

/** The simulated providers: one answers at once, one streams at a pace, one slowly, one as fast as it is read. */
export const upstreamNames = { plain: 'plain', paced: 'paced', slow: 'slow', flood: 'flood' } as const;

/** Between two chunks of a slow stream. */
export const slowPaceMs = 500;

/** Accounts of each. */
export const upstreamKeys = Array.from({ length: 8 }, (_, at) => `sk-bench-${at}-0123456789abcdef`);

/** Starts the provider simulator in a process of its own. */
export async function startUpstream(): Promise<{ url: string; stop(): Promise<void> }> {
  const child = forkChild<never, { url: string }>('simulator-child.ts');
  const { url } = await child.next();
  return { url, stop: child.stop };
}
