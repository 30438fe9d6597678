import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRecord, listAt, recordAt } from '../../../json-value.js';
import type { JsonRecord } from '../../../json-value.js';
import { mergeTurns } from '../../../translation/conversation.js';
import type { Conversation, Part, Turn } from '../../../translation/conversation.js';
import { conversations, gist } from '../../../translation/conversations.fixture.js';
import { nova } from './converse.fixture.js';
import { converse } from './index.js';

/** Reads what was written, by the API's documentation and by none of the code that wrote it. */
function readBack(request: JsonRecord, asked: Conversation): Conversation {
  const names = new Map<string, string>();
  const inference = recordAt(request, 'inferenceConfig');
  const texts = (list: readonly unknown[]) =>
    list.map((block) => ({ kind: 'text' as const, text: String(recordAt({ block }, 'block')['text']) }));
  const readBlock = (block: unknown): Part => {
    const image = recordAt(block, 'image');
    const toolUse = recordAt(block, 'toolUse');
    const toolResult = recordAt(block, 'toolResult');
    if (isRecord(image['source'])) {
      return { kind: 'media', mediaType: 'image/png', data: String(image['source']['bytes']), at: '' };
    }
    if ('toolUseId' in toolUse) {
      const [id, name] = [String(toolUse['toolUseId']), String(toolUse['name'])];
      names.set(id, name);
      return { kind: 'tool_call', id, name, args: recordAt(toolUse, 'input'), signature: null };
    }
    if ('toolUseId' in toolResult) {
      const id = String(toolResult['toolUseId']);
      const content = texts(listAt(toolResult, 'content'));
      return { kind: 'tool_result', id, name: names.get(id) ?? '', content, isError: false, at: '' };
    }
    return texts([block])[0] ?? { kind: 'text', text: '' };
  };
  return {
    ...asked,
    system: texts(listAt(request, 'system')),
    turns: listAt(request, 'messages').map((message) => ({
      role: recordAt({ message }, 'message')['role'] as Turn['role'],
      parts: listAt(message, 'content').map(readBlock),
    })),
    tools: listAt(recordAt(request, 'toolConfig'), 'tools').map((tool) => {
      const spec = recordAt(tool, 'toolSpec');
      const description = spec['description'];
      return {
        name: String(spec['name']),
        description: typeof description === 'string' ? description : null,
        schema: recordAt(recordAt(spec, 'inputSchema'), 'json'),
        strict: false,
      };
    }),
    settings: {
      ...asked.settings,
      maxTokens: (inference['maxTokens'] as number | undefined) ?? null,
      temperature: (inference['temperature'] as number | undefined) ?? null,
      topP: (inference['topP'] as number | undefined) ?? null,
      stop: (inference['stopSequences'] as string[] | undefined) ?? null,
    },
  };
}

const isBlank = (part: Part) => part.kind === 'text' && part.text.trim() === '';
/** What is blank is not told there. */
const withoutBlanks = (conversation: Conversation): Conversation => ({
  ...conversation,
  system: conversation.system.filter((part) => !isBlank(part)),
  turns: mergeTurns(
    conversation.turns.map(({ role, parts }) => ({
      role,
      parts: parts.flatMap((part): Part[] => {
        if (part.kind !== 'tool_result') return isBlank(part) ? [] : [part];
        return [{ ...part, content: part.content.filter((inner) => !isBlank(inner)) }];
      }),
    })),
  ),
});

it('a conversation keeps its words, tools, ids and order in Converse', () => {
  const tool = { name: 'look', description: null, schema: { type: 'object' }, strict: false };
  fc.assert(
    fc.property(conversations, (said) => {
      const conversation = { ...said, tools: said.tools.length === 0 ? [tool] : said.tools };
      const terms = { kind: 'bedrock', model: nova, stream: false };
      const request = JSON.parse(JSON.stringify(converse.writeRequest(conversation, terms))) as JsonRecord;
      expect(gist(readBack(request, conversation))).toEqual(gist(withoutBlanks(conversation)));
    }),
    { numRuns: 200 },
  );
});
