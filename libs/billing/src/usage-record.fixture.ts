import { asId } from '#kernel';
import { usageColumns } from './domain/usage-line.js';
import type { UsageRecord } from './usage-record.js';

/** For specs: a plain answered call, with what matters to the test laid over it. */
export function usage(some: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id: asId('019a0000-0000-7000-8000-000000000001'),
    atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    apiKeyId: asId('019a0000-0000-7000-8000-00000000000a'),
    provider: 'openai',
    accountId: asId('019a0000-0000-7000-8000-00000000000b'),
    model: 'fast',
    upstreamModel: 'gpt-4o-mini',
    operation: 'chat',
    status: 200,
    attempts: [
      {
        accountId: asId('019a0000-0000-7000-8000-00000000000b'),
        provider: 'openai',
        status: 200,
        class: null,
        latencyMs: 41.6,
      },
    ],
    tokens: { input: 1000, cachedInput: 400, output: 100, reasoning: 0 },
    latencyMs: 42.4,
    firstByteMs: 12.2,
    stream: false,
    tags: {},
    ...some,
  };
}

/** For specs: the places of a journal line by the names of their columns. */
export function readLine(line: string): Record<string, unknown> {
  const places = JSON.parse(line) as unknown[];
  const names = Object.keys(usageColumns);
  if (places.length !== names.length) throw new Error(`not ${names.length} places: ${line}`);
  return Object.fromEntries(names.map((name, at) => [name, places[at]]));
}
