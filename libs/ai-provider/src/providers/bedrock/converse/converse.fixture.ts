import { ProviderRegistry, TranslatingAdapter, translateCall } from '#ai-provider';
import type { ModelCall, WireFormat } from '#ai-provider';
import { aCallIn } from '../../../../../../test/support/translations.js';
import { bedrock } from '../index.js';

/** A model that is reached by Converse alone. */
export const nova = 'us.amazon.nova-pro-v1:0';

/** A request as it goes to Converse. @returns the body, or the field that stands in the way */
export function toConverse(from: WireFormat, json: object, model = nova): unknown {
  const translation = translateCall(bedrock, aCallIn(from, json as ModelCall['json']), model);
  if (translation === null) throw new Error('nothing is translated');
  return translation.kind === 'translated'
    ? (JSON.parse(translation.call.body.toString()) as unknown)
    : { refused: translation.field };
}

/** The adapter that serves a caller of a wire format by Converse. */
export function converseFor(from: WireFormat, json: object, changes: Partial<ModelCall> = {}) {
  const call = aCallIn(from, json as ModelCall['json'], { model: 'alias', ...changes });
  const adapter = new ProviderRegistry().get('bedrock');
  const translation = translateCall(bedrock, call, nova);
  if (adapter === null || translation?.kind !== 'translated') throw new Error('not translated');
  return { call, adapter: new TranslatingAdapter(adapter, call, translation, 1_790_000_000_000) };
}

/** A short request of each wire format, by callers who want to see thoughts and usage. */
export const requests: Readonly<Record<WireFormat, object>> = {
  openai: { messages: [{ role: 'user', content: 'Hi' }], stream_options: { include_usage: true } },
  anthropic: {
    max_tokens: 9_000,
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: 'Hi' }],
  },
  gemini: {
    contents: [{ parts: [{ text: 'Hi' }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true } },
  },
};
