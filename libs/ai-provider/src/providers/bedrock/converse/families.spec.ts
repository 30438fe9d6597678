import { describe, expect, it } from '@jest/globals';
import { nova, toConverse } from './converse.fixture.js';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const claude = 'converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const llama = 'meta.llama3-3-70b-instruct-v1:0';
const say = { messages: [{ role: 'user', content: 'Hi' }] };
const ask = { ...say, max_tokens: 4_000 };

describe('what is worth keeping in a cache is marked', () => {
  const mark = { cache_control: { type: 'ephemeral' } };
  const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
  const request = {
    max_tokens: 9,
    system: [
      { type: 'text', text: 'Rules.', ...hour },
      { type: 'text', text: 'Today.' },
    ],
    tools: [{ name: 'look', input_schema: schema, ...mark }],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', ...mark }] }],
  };
  const point = { cachePoint: { type: 'default' } };

  it('where the caller marked it', () => {
    expect(toConverse('anthropic', request, claude)).toMatchObject({
      system: [{ text: 'Rules.' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'Today.' }],
      toolConfig: { tools: [{}, point] },
      messages: [{ content: [{ text: 'Hi' }, point] }],
    });
  });

  it('but not among the functions of Nova, nor for an hour there', () => {
    expect(toConverse('anthropic', request)).toMatchObject({
      system: [{ text: 'Rules.' }, point, { text: 'Today.' }],
      toolConfig: { tools: [{ toolSpec: { name: 'look' } }] },
      messages: [{ content: [{ text: 'Hi' }, point] }],
    });
    expect(JSON.stringify(toConverse('anthropic', request))).not.toContain('ttl');
  });

  it('behind the last word where the request as a whole is marked', () => {
    expect(toConverse('anthropic', { ...ask, ...mark })).toMatchObject({
      messages: [{ content: [{ text: 'Hi' }, point] }],
    });
  });

  it('behind a result where something in it is marked', () => {
    const content = [{ type: 'text', text: 'rain', ...mark }];
    const messages = [
      ...say.messages,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content }] },
    ];
    expect(toConverse('anthropic', { ...request, messages })).toMatchObject({
      messages: [{}, {}, { content: [{ toolResult: { content: [{ text: 'rain' }] } }, point] }],
    });
  });

  it.each([llama, 'converse/arn:aws:bedrock:us-east-1:1:application-inference-profile/abc'])(
    'and never for a model that is not known to take marks: %s',
    (model) => {
      expect(JSON.stringify(toConverse('anthropic', request, model))).not.toContain('cachePoint');
    },
  );
});

describe('thoughts and JSON are asked of each family in its own way', () => {
  const effort = { ...say, reasoning_effort: 'high' };
  const json = { ...say, response_format: { type: 'json_object' } };
  const json_schema = { name: 'place', schema };
  const fitting = { ...say, response_format: { type: 'json_schema', json_schema } };
  const answerTool = (more: object) => ({
    tools: [{ toolSpec: { name: 'pool_json_answer', inputSchema: { json: { type: 'object', ...more } } } }],
    toolChoice: { tool: { name: 'pool_json_answer' } },
  });

  it.each([
    [
      claude,
      effort,
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 24_576 } } },
    ],
    [
      'converse/anthropic.claude-opus-4-6-v1',
      effort,
      { additionalModelRequestFields: { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } } },
    ],
    [
      'us.amazon.nova-2-lite-v1:0',
      effort,
      {
        additionalModelRequestFields: {
          reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' },
        },
      },
    ],
    [
      'us.amazon.nova-2-lite-v1:0',
      { ...say, reasoning_effort: 'none' },
      { additionalModelRequestFields: { reasoningConfig: { type: 'disabled' } } },
    ],
    [nova, json, { toolConfig: answerTool({ additionalProperties: true }) }],
    [nova, fitting, { toolConfig: answerTool(schema) }],
    [claude, json, { toolConfig: answerTool({ additionalProperties: true }) }],
    [
      claude,
      fitting,
      {
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: {
              jsonSchema: {
                name: 'place',
                schema: JSON.stringify({ ...schema, additionalProperties: false }),
              },
            },
          },
        },
      },
    ],
  ])('%s, case %#', (model, request, expected) => {
    expect(toConverse('openai', request, model)).toMatchObject(expected);
  });

  it.each([
    [nova, { inferenceConfig: { topK: 5 } }],
    [claude, { top_k: 5 }],
  ])('and so are the most likely tokens: %s', (model, additionalModelRequestFields) => {
    expect(toConverse('anthropic', { ...ask, top_k: 5 }, model)).toMatchObject({
      additionalModelRequestFields,
    });
  });

  it('no thoughts at all are asked of a model that has none', () => {
    expect(toConverse('openai', { ...say, reasoning_effort: 'none' })).not.toHaveProperty(
      'additionalModelRequestFields',
    );
  });
});
