import { describe, expect, it } from '@jest/globals';
import type { ModelCall, Operation } from '#ai-provider';
import { aModelCall } from '../../../../../test/support/a-model-call.js';
import { affinityKey } from './affinity-key.js';
import type { JsonObject } from './read-json.js';

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

  const promptOf = (word: string) => ({
    prompt: word,
    input: word,
    messages: [{ role: 'user', content: marked(word) }],
    contents: [part('user', word)],
  });
  const openaiNames: readonly ((word: string) => object)[] = [
    (word) => ({ prompt_cache_key: word }),
    (word) => ({ metadata: { user_id: word } }),
    (word) => ({ user: word }),
    promptOf,
  ];

  it.each<[Operation, readonly ((word: string) => object)[]]>([
    ['chat_completions', openaiNames],
    ['completions', openaiNames],
    ['responses', openaiNames],
    ['messages', [(word) => ({ metadata: { user_id: word } }), promptOf]],
    ['generate_content', [(word) => ({ cachedContent: word }), promptOf]],
  ])('believes the header, then names in their order, then the prompt: %s', (operation, names) => {
    const bodyOf = (from: number, word: string, others: string) =>
      Object.assign({}, ...names.slice(from).map((of, at) => of(at === 0 ? word : others))) as JsonObject;
    for (const at of names.keys()) {
      const key = keyOf(operation, bodyOf(at, 'a', 'b'));
      expect(key).not.toBeNull();
      expect(keyOf(operation, bodyOf(at, 'a', 'c'))).toBe(key);
      expect(keyOf(operation, bodyOf(at, 'd', 'b'))).not.toBe(key);
    }
    const named = keyOf(operation, bodyOf(0, 'a', 'b'), { named: 'header' });
    expect(keyOf(operation, bodyOf(0, 'c', 'd'), { named: 'header' })).toBe(named);
    expect(keyOf(operation, bodyOf(0, 'a', 'b'), { named: 'other' })).not.toBe(named);
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
