import {
  ProviderRegistry,
  translateCall,
  type ModelCall,
  type Operation,
  type WireFormat,
} from '#ai-provider';
import type { ProviderAdapter } from '#ai-provider';
import { aModelCall } from './a-model-call.js';

const operations: Readonly<Record<WireFormat, Operation>> = {
  openai: 'chat_completions',
  anthropic: 'messages',
  gemini: 'generate_content',
};
const kinds: Readonly<Record<WireFormat, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
};
const registry = new ProviderRegistry();

/** The three wire formats. */
export const formats = ['openai', 'anthropic', 'gemini'] as const;

/** The adapter of the provider that invented a wire format. */
export function adapterOf(format: WireFormat): ProviderAdapter {
  const adapter = registry.get(kinds[format]);
  if (adapter === null) throw new Error(`no adapter for ${format}`);
  return adapter;
}

/** A call that is translated, in a wire format. */
export const aCallIn = (
  wireFormat: WireFormat,
  json: ModelCall['json'],
  changes: Partial<ModelCall> = {},
): ModelCall => aModelCall({ wireFormat, operation: operations[wireFormat], json, ...changes });

/** A request in another wire format. @returns the body, or the field that stands in the way */
export function translated(
  from: WireFormat,
  json: Readonly<Record<string, unknown>>,
  to: WireFormat,
  model = 'some-model',
): unknown {
  const translation = translateCall(adapterOf(to), aCallIn(from, json), model);
  if (translation === null) throw new Error('nothing is translated');
  return translation.kind === 'translated'
    ? (JSON.parse(translation.call.body.toString()) as unknown)
    : { refused: translation.field };
}
