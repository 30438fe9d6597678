import { describe, expect, it } from '@jest/globals';
import type { Operation } from '#ai-provider';
import { filesInMessages, inputFileOf, referencesIn } from './object-references.js';

const idsIn = (operation: Operation, json: Record<string, unknown>) =>
  referencesIn({ wireFormat: 'openai', operation, json, body: Buffer.from(JSON.stringify(json)) }).map(
    ({ kind, id }) => `${kind} ${id}`,
  );

describe('what a request names by id', () => {
  it('is found in responses: the one before, files in input and output, files for code', () => {
    const json = {
      previous_response_id: 'resp_1',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_file', file_id: 'file-1' },
            { type: 'input_text', text: 'file_id' },
          ],
        },
        { type: 'function_call_output', output: [{ type: 'input_image', file_id: 'file-2' }] },
        { role: 'user', content: 'a text' },
      ],
      tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-3', 7] } }],
    };
    expect(idsIn('responses', json)).toEqual([
      'responses resp_1',
      'files file-1',
      'files file-2',
      'files file-3',
    ]);
    expect(idsIn('responses', { previous_response_id: null, input: 'x' })).toEqual([]);
  });

  it('is found in chat completions and messages, results of tools included', () => {
    const chat = { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] };
    expect(idsIn('chat_completions', chat)).toEqual(['files file-1']);
    const document = (id: string) => ({ type: 'document', source: { type: 'file', file_id: id } });
    const messages = {
      messages: [
        { role: 'user', content: [document('a'), { type: 'container_upload', file_id: 'b' }] },
        { role: 'user', content: [{ type: 'tool_result', content: [document('c')] }] },
      ],
    };
    expect(idsIn('messages', messages)).toEqual([
      'anthropic_files a',
      'anthropic_files b',
      'anthropic_files c',
    ]);
    expect(filesInMessages(messages)).toHaveLength(3);
    expect(inputFileOf({ input_file_id: 'file-9' })).toEqual([
      { kind: 'files', id: 'file-9', field: 'input_file_id' },
    ]);
  });

  it('is nothing that a caller wrote in texts, schemas, arguments of tools or metadata', () => {
    const json = {
      metadata: { file_id: 'x' },
      tools: [{ name: 't', input_schema: { properties: { file_id: { type: 'string' } } } }],
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', input: { file_id: 'mine' } }] },
        { role: 'user', content: [{ type: 'text', text: '{"file_id":"x"}' }] },
        { role: 'user', content: 'file_id' },
        null,
      ],
    };
    for (const operation of ['messages', 'chat_completions', 'responses', 'embeddings'] as const) {
      expect(idsIn(operation, { ...json, input: json.messages })).toEqual([]);
    }
  });

  it('is found however its name is escaped, as one thing and in tools', () => {
    const text = String.raw`{"input":[{"type":"computer_call_output","output":{"file\u005fid":"shot"}},{"content":[{"\u0066ile_id":"a"}]}],
      "tools":[{"type":"image_generation","input_image_mask":{"\u0066ile\u005Fid":"mask"}}]}`;
    const json = JSON.parse(text) as Record<string, unknown>;
    const found = referencesIn({
      wireFormat: 'openai',
      operation: 'responses',
      json,
      body: Buffer.from(text),
    });
    expect(found.map(({ id }) => id)).toEqual(['shot', 'a', 'mask']);
  });

  it('may be repeated as often as one likes; too many different things are refused, none is left unlooked at', () => {
    const naming = (id: (at: number) => string) => ({
      messages: [
        {
          content: Array.from({ length: 1_001 }, (_, at) => ({ type: 'container_upload', file_id: id(at) })),
        },
      ],
    });
    expect(
      idsIn(
        'messages',
        naming(() => 'a'),
      ),
    ).toEqual(['anthropic_files a']);
    expect(() =>
      idsIn(
        'messages',
        naming((at) => `f${at}`),
      ),
    ).toThrow('more than 1000');
  });
});
