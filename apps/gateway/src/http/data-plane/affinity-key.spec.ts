import { describe, expect, it } from '@jest/globals';
import type { ModelCall, Operation } from '#ai-provider';
import { aModelCall } from '../../../../../test/support/a-model-call.js';
import { affinityKey } from './affinity-key.js';

const wireFormats: Partial<Record<Operation, ModelCall['wireFormat']>> = {
  messages: 'anthropic',
  generate_content: 'gemini',
};

function keyOf(
  operation: Operation,
  json: ModelCall['json'],
  { caller = 'one', model = 'm', named = null as string | null } = {},
): string | null {
  const wireFormat = wireFormats[operation] ?? 'openai';
  const call = aModelCall({ wireFormat, operation, json, model, inputTokensEstimate: 1_024 });
  return affinityKey(call, caller, named);
}

const text = (role: string, content: string) => ({ role, content });
const part = (role: string, content: string) => ({ role, parts: [{ text: content }] });
const marked = (content: string) => [{ type: 'text', text: content, cache_control: { type: 'ephemeral' } }];

/** The first two turns of a conversation in each wire format, by its first user message. */
const turns: readonly [Operation, (first: string) => readonly [object, object]][] = [
  [
    'chat_completions',
    (first) => [
      { messages: [text('system', 'Be brief.'), text('user', first)] },
      {
        messages: [
          text('system', 'Be brief.'),
          text('user', first),
          text('assistant', 'b'),
          text('user', 'c'),
        ],
      },
    ],
  ],
  [
    'responses',
    (first) => [
      { instructions: 'Be brief.', input: [text('user', first)] },
      { instructions: 'Be brief.', input: [text('user', first), text('assistant', 'b'), text('user', 'c')] },
    ],
  ],
  [
    'messages',
    (first) => [
      { system: 'Be brief.', messages: [{ role: 'user', content: marked(first) }] },
      {
        system: 'Be brief.',
        messages: [text('user', first), text('assistant', 'b'), { role: 'user', content: marked('c') }],
      },
    ],
  ],
  [
    'generate_content',
    (first) => [
      { systemInstruction: { parts: [{ text: 'Be brief.' }] }, contents: [part('user', first)] },
      {
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        contents: [part('user', first), part('model', 'b'), part('user', 'c')],
      },
    ],
  ],
];

describe('affinityKey', () => {
  it('is none for a prompt that is too short for every cache, unless the caller names one', () => {
    const json = { messages: [text('user', 'Hello')] };
    const call = aModelCall({ operation: 'chat_completions', json, inputTokensEstimate: 700 });
    expect(affinityKey(call, 'caller', null)).toBeNull();
    expect(affinityKey(call, 'caller', 'session-1')).not.toBeNull();
  });

  it.each(turns)('is the same for all turns of a conversation and for no other: %s', (operation, of) => {
    const [first, second] = of('What is a pool?').map((json) => keyOf(operation, { ...json }));
    expect(first).toMatch(/^[a-z0-9]{8,14}$/);
    expect(second).toBe(first);
    expect(keyOf(operation, { ...of('What is a tier?')[0] })).not.toBe(first);
  });

  it('is never the same for two callers or two models', () => {
    const json = { messages: [text('user', 'a')], prompt_cache_key: 'k' };
    const keys = [
      keyOf('chat_completions', json),
      keyOf('chat_completions', json, { caller: 'two' }),
      keyOf('chat_completions', json, { model: 'n' }),
    ];
    expect(new Set(keys).size).toBe(3);
  });

  it.each<[string, Operation, object]>([
    ['prompt_cache_key', 'chat_completions', { prompt_cache_key: 'k', user: 'x' }],
    ['metadata.user_id', 'responses', { metadata: { user_id: 'k' }, user: 'x' }],
    ['user', 'chat_completions', { user: 'k' }],
    ['metadata.user_id', 'messages', { metadata: { user_id: 'k' }, cache_control: { type: 'ephemeral' } }],
    ['cachedContent', 'generate_content', { cachedContent: 'k' }],
  ])('believes the %s of the caller rather than the prompt: %s', (_name, operation, named) => {
    const [one, other] = ['a', 'b'].map((word) =>
      keyOf(operation, {
        ...named,
        messages: [text('user', word)],
        input: word,
        contents: [part('user', word)],
      }),
    );
    expect(one).not.toBeNull();
    expect(other).toBe(one);
  });

  it('believes the header before all else', () => {
    const of = (key: string) => keyOf('chat_completions', { prompt_cache_key: key }, { named: 'header' });
    expect(of('a')).toBe(of('b'));
  });

  it.each<[string, Operation, object]>([
    ['embeddings', 'embeddings', { input: 'a' }],
    ['counting tokens', 'count_tokens', { messages: [], cache_control: {} }],
    ['an Anthropic prompt without a mark', 'messages', { messages: [text('user', 'a')] }],
  ])('is null for what is not cached: %s', (_what, operation, json) => {
    expect(keyOf(operation, { ...json }, { named: 'x' })).toBeNull();
  });

  it('is null for a body that is no JSON', () => {
    expect(keyOf('transcriptions', null)).toBeNull();
  });

  it('tells long prompts apart by their ends and their length', () => {
    const long = 'word '.repeat(4_000);
    const of = (content: string) => keyOf('chat_completions', { messages: [text('user', content)] });
    expect(of(`${long}!`)).not.toBe(of(`${long}?`));
    expect(of(`a${long}`)).not.toBe(of(`b${long}`));
    expect(of(long + long)).not.toBe(of(long));
  });

  it('reads hostile bodies without harm', () => {
    let deep: unknown = 'a';
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    for (const messages of [deep, null, 7, 'a', [null, 7, [], {}], [{ role: 7, content: deep }]]) {
      expect(keyOf('chat_completions', { messages, tools: deep })).toMatch(/^[a-z0-9]+$/);
    }
  });
});
