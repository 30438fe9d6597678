import { describe, expect, it } from '@jest/globals';
import { ProviderRegistry } from '#ai-provider';
import { aCallIn } from '../../../../test/support/translations.js';
import { translateCall } from './translate-call.js';

const registry = new ProviderRegistry();
const say = { messages: [{ role: 'user', content: 'Hi' }] };

describe('a provider whose models speak different wire formats is asked in that of the model', () => {
  it.each([
    ['bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic'],
    ['bedrock', 'openai.gpt-oss-120b-1:0', null],
    ['vertex-ai', 'claude-sonnet-4-5@20250929', 'anthropic'],
    ['vertex-ai', 'gemini-2.5-pro', 'gemini'],
  ])('%s, %s', (kind, model, wireFormat) => {
    const adapter = registry.get(kind);
    if (adapter === null) throw new Error(`no adapter for ${kind}`);
    const translation = translateCall(adapter, aCallIn('openai', say), model);
    if (wireFormat === null) expect(translation).toBeNull();
    else expect(translation).toMatchObject({ kind: 'translated', call: { wireFormat } });
  });
});
