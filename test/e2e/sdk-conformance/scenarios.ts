import type { Fault } from '../../../apps/provider-simulator/src/index.js';
import { thrownBy, type CallName, type Calls, type Sdk } from './sdk.js';
import { kinds } from './world.js';

/** Something an SDK does that must come out the same with and without the gateway. */
export interface Scenario {
  readonly name: string;
  readonly isFor: (sdk: Sdk) => boolean;
  readonly call: (calls: Calls, sdk: Sdk) => Promise<unknown>;
  readonly faults: readonly Fault[];
}

const unicode = 'Zoë 你好 👩🏽‍🚀 \u0000\u2028\ud7ff \\u0041 "quoted" </script> \r\n';
const large = 'Sphinx of black quartz, judge my vow. '.repeat(8_000);
const modelOf = ({ kind }: Sdk): string => kinds[kind].model;

/** @param needs the call without which an SDK cannot do it */
const scenario = (
  name: string,
  needs: CallName,
  call: Scenario['call'],
  faults: readonly Fault[] = [],
): Scenario => ({
  name,
  isFor: (sdk) => sdk.connect({ origin: 'http://localhost', apiKey: 'sk-none' })[needs] !== undefined,
  call,
  faults,
});

/** What is the same with and without the gateway, byte for byte, in the order of the table in docs/sdk-conformance.md. */
export const scenarios: readonly Scenario[] = [
  scenario('chat', 'chat', (calls, sdk) => calls.chat(modelOf(sdk), 'Hello')),
  scenario('stream', 'stream', (calls, sdk) => calls.stream(modelOf(sdk), 'Hello')),
  scenario('tools', 'tools', (calls, sdk) => calls.tools!(modelOf(sdk))),
  scenario('tools, streamed', 'toolStream', (calls, sdk) => calls.toolStream!(modelOf(sdk))),
  scenario('structured output', 'structured', (calls, sdk) => calls.structured!(modelOf(sdk))),
  scenario('embeddings', 'embeddings', (calls, { kind }) => calls.embeddings!(kinds[kind].embedding!)),
  scenario('unicode', 'chat', (calls, sdk) => calls.chat(modelOf(sdk), unicode)),
  scenario('unicode, streamed', 'stream', (calls, sdk) => calls.stream(modelOf(sdk), unicode)),
  scenario('large prompt', 'chat', (calls, sdk) => calls.chat(modelOf(sdk), large)),
  ...[400, 413, 422].map((status) =>
    scenario(`error ${status}`, 'chat', (calls, sdk) => thrownBy(calls.chat(modelOf(sdk), 'Hello')), [
      { kind: 'status', status },
    ]),
  ),
  scenario(
    'error 429 with Retry-After',
    'chat',
    (calls, sdk) => thrownBy(calls.chat(modelOf(sdk), 'Hello')),
    [{ kind: 'absurd_retry_after', retryAfter: '7' }],
  ),
];
