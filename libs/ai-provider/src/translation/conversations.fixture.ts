import fc from 'fast-check';
import { mergeTurns } from './conversation.js';
import type { Conversation, Part, TextPart, Turn } from './conversation.js';

const names: Conversation['names'] = {
  maxTokens: '',
  temperature: '',
  topP: '',
  topK: '',
  stop: '',
  seed: '',
  presencePenalty: '',
  frequencyPenalty: '',
  reasoning: '',
  format: '',
  parallelTools: '',
  toolChoice: '',
};
const words = fc.string({ minLength: 1, unit: 'grapheme' });
const toolName = fc.stringMatching(/^[a-z]{1,8}$/);
const json = fc.dictionary(fc.stringMatching(/^[a-z_]{1,6}$/), fc.jsonValue(), { maxKeys: 3 });
/** A double that cannot be told apart in JSON. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const text = words.map((said): TextPart => ({ kind: 'text', text: said }));
const image = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes): Part => ({
  kind: 'media',
  mediaType: 'image/png',
  data: Buffer.from(bytes).toString('base64'),
  at: '',
}));

/** A function asked for once or several times, and what it came to each time. */
const exchange = fc
  .array(
    fc.record({
      name: toolName,
      args: json.map(asJson),
      result: fc.oneof(
        words,
        json.map((value) => JSON.stringify(value)),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((calls) => (number: number): readonly Turn[] => {
    const idOf = (index: number) => `call_${number}_${index}`;
    return [
      {
        role: 'assistant',
        parts: calls.map(({ name, args }, index) => ({
          kind: 'tool_call',
          id: idOf(index),
          name,
          args,
          signature: null,
        })),
      },
      {
        role: 'user',
        parts: calls.map(({ name, result }, index) => ({
          kind: 'tool_result',
          id: idOf(index),
          name,
          content: [{ kind: 'text', text: result }],
          isError: false,
          at: '',
        })),
      },
    ];
  });
const spoken = fc
  .tuple(text, fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }))
  .map(([said, asked]) => (): readonly Turn[] => [
    { role: 'assistant', parts: [said] },
    { role: 'user', parts: asked },
  ]);
const turns = fc
  .tuple(
    fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }),
    fc.array(fc.oneof(exchange, spoken), { maxLength: 4 }),
  )
  .map(([parts, rest]) =>
    mergeTurns([{ role: 'user', parts }, ...rest.flatMap((make, number) => make(number))]),
  );
const tools = fc.uniqueArray(
  fc.record({
    name: toolName,
    description: fc.option(words),
    schema: json.map((properties) => ({ type: 'object', properties: asJson(properties) })),
    strict: fc.constant(false),
  }),
  { selector: ({ name }) => name, maxLength: 3 },
);
/** Conversations that every form can tell: words, images, calls of functions and their results. */
export const conversations = fc
  .record({
    system: fc.array(text, { maxLength: 1 }),
    turns,
    tools,
    settings: fc.record({
      maxTokens: fc.integer({ min: 1, max: 1_000 }),
      temperature: fc.option(fc.constantFrom(0, 0.25, 1)),
      topP: fc.option(fc.constantFrom(0.1, 0.9)),
      topK: fc.constant(null),
      stop: fc.option(fc.array(words, { minLength: 1, maxLength: 2 })),
      seed: fc.constant(null),
      presencePenalty: fc.constant(null),
      frequencyPenalty: fc.constant(null),
    }),
  })
  .map((said): Conversation => ({
    ...said,
    toolChoice: null,
    parallelTools: null,
    format: null,
    reasoning: null,
    showsThoughts: false,
    names,
  }));

/** What a conversation says, without where it says it. */
export const gist = ({ names: _, ...said }: Conversation): unknown =>
  JSON.parse(JSON.stringify(said, (key, value: unknown) => (key === 'at' ? undefined : value)));
