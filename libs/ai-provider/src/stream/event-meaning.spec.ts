import { describe, expect, it } from '@jest/globals';
import type { ModelCall } from '../contract/model-call.js';
import { claude, delta, line, reader, responses } from './streams.fixture.js';

describe('readers of streams', () => {
  it.each<readonly [string, Partial<ModelCall>, string]>([
    ['openai', {}, delta({ role: 'assistant', content: '', refusal: null })],
    ['openai', {}, ': OPENROUTER PROCESSING\n\n'],
    ['openai', {}, line({ choices: [], prompt_filter_results: [] })],
    [
      'openai',
      { operation: 'responses' },
      line({ type: 'response.output_item.added', item: { type: 'message', content: [] } }) +
        line({ type: 'response.content_part.added', part: { type: 'output_text', text: '' } }),
    ],
    [
      'google',
      { operation: 'generate_content' },
      line({ candidates: [{ content: { role: 'model', parts: [{ text: '' }] } }] }),
    ],
    ['anthropic', { operation: 'messages' }, ': ping\n\nevent: ping\ndata: {"type":"ping"}\n\n'],
    ['openai', { operation: 'responses' }, responses.slice(0, responses.indexOf('event: response.output'))],
    ['anthropic', { operation: 'messages' }, claude.slice(0, claude.indexOf('event: content_block_delta'))],
    ['google', { operation: 'generate_content' }, line({ usageMetadata: { promptTokenCount: 7 } })],
  ])('%s %j: does not take start-up events for output', (kind, call, text) => {
    const stream = reader(kind, call);
    stream.read(Buffer.from(text));
    expect(stream.outputStarted).toBe(false);
  });

  it.each<readonly [string, Partial<ModelCall>, string]>([
    ['openai', {}, delta({ content: 'x' })],
    ['openai', {}, delta({ tool_calls: [{ index: 0 }] })],
    ['openai', {}, delta({ reasoning_content: 'x' })],
    ['openai', {}, delta({ refusal: 'no' })],
    ['openai', {}, delta({ audio: { id: 'audio_1' } })],
    ['openai', {}, delta({ images: [{ type: 'image_url' }] })],
    ['openai', {}, delta({}, 'stop')],
    ['openai', { operation: 'completions' }, line({ choices: [{ text: 'x' }] })],
    [
      'openai',
      { operation: 'responses' },
      line({ type: 'response.output_item.added', item: { type: 'function_call', name: 'f' } }),
    ],
    [
      'openai',
      { operation: 'responses' },
      line({ type: 'response.output_item.added', item: { type: 'reasoning', summary: [] } }),
    ],
    ['openai', { operation: 'responses' }, line({ type: 'response.refusal.delta', delta: 'no' })],
    ['openai', { operation: 'image_generations' }, line({ type: 'image_generation.partial_image' })],
    ['openai', { operation: 'speech' }, line({ type: 'speech.audio.delta', audio: 'AAAA' })],
    [
      'anthropic',
      { operation: 'messages' },
      line({ type: 'content_block_start', content_block: { type: 'tool_use', name: 'f', input: {} } }),
    ],
    [
      'anthropic',
      { operation: 'messages' },
      line({ type: 'content_block_start', content_block: { type: 'thinking', thinking: '' } }),
    ],
    [
      'anthropic',
      { operation: 'messages' },
      line({ type: 'message_delta', delta: { stop_reason: 'refusal' } }),
    ],
    ['google', { operation: 'generate_content' }, line({ promptFeedback: { blockReason: 'SAFETY' } })],
    [
      'google',
      { operation: 'generate_content' },
      line({ candidates: [{ content: { parts: [{ functionCall: { name: 'f' } }] } }] }),
    ],
    [
      'google',
      { operation: 'generate_content' },
      line({ candidates: [{ content: { parts: [{ inlineData: { data: 'AAAA' } }] } }] }),
    ],
    ['google', { operation: 'generate_content' }, line({ candidates: [{ finishReason: 'MAX_TOKENS' }] })],
  ])('%s %j: take %j for output', (kind, call, text) => {
    const stream = reader(kind, call);
    stream.read(Buffer.from(text));
    expect(stream).toMatchObject({ outputStarted: true, error: null });
  });

  it.each<readonly [string, Partial<ModelCall>, string]>([
    ['openai', {}, line({ error: { message: 'x' } })],
    ['openai', {}, line({ object: 'error', message: 'x', code: 500 })],
    ['openai', {}, line('overloaded', 'error')],
    ['openai', { operation: 'responses' }, line({ type: 'error', code: 'server_error' }, 'error')],
    ['openai', { operation: 'responses' }, line({ type: 'response.failed', response: {} })],
    ['openai', { operation: 'responses' }, line({ error: { message: 'x' } })],
    ['anthropic', { operation: 'messages' }, line({ type: 'error', error: { type: 'overloaded_error' } })],
    ['anthropic', { operation: 'messages' }, line({ error: { message: 'x' } })],
    ['google', { operation: 'generate_content' }, line({ error: { code: 503 } })],
    ['google', { operation: 'generate_content' }, line([{ error: { code: 503 } }])],
  ])('%s %j: take %j for an error, and not for output', (kind, call, text) => {
    const stream = reader(kind, call);
    stream.read(Buffer.from(text));
    expect(stream.outputStarted).toBe(false);
    expect(stream.error).not.toBeNull();
  });

  it('do not take the end of a tool, or a key among its arguments, for the end of the answer', () => {
    const search = reader('openai', { operation: 'responses' });
    search.read(Buffer.from(line({ type: 'response.web_search_call.completed', item_id: 'ws_1' })));
    expect(search.completed).toBe(false);
    const call = reader('google', { operation: 'generate_content' });
    const args = { finishReason: 'STOP', error: {} };
    call.read(Buffer.from(line({ candidates: [{ content: { parts: [{ functionCall: { args } }] } }] })));
    expect(call).toMatchObject({ completed: false, error: null, outputStarted: true });
  });
});
