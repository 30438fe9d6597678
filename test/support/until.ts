import { setTimeout as pause } from 'node:timers/promises';

/** Between two looks: rare enough for the admin API's throttle, often enough that nobody waits. */
const pauseMs = 25;

/** Looks again and again until what is seen is what was waited for; a test that waits in vain ends by its own timeout. */
export async function until<Seen>(look: () => Promise<Seen>, isIt: (seen: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (isIt(seen)) return seen;
    await pause(pauseMs);
  }
}
