import type { ModelCall, WireFormat } from '../contract/model-call.js';
import type { ProviderAdapter } from '../contract/provider-adapter.js';
import { Untranslatable } from './untranslatable.js';
import { translators } from './translators.js';
import type { UpstreamForm } from './wire-translator.js';

/** A call in the words of another wire format. */
export interface TranslatedCall {
  readonly kind: 'translated';
  readonly call: ModelCall;
  /** What it is translated to, and its answer from. */
  readonly form: UpstreamForm;
  /** Whether the caller wants to see what the model thought. */
  readonly showsThoughts: boolean;
}

/** What of a call stands in the way. */
export interface UntranslatableCall {
  readonly kind: 'untranslatable';
  /** As the caller wrote it, for example `messages[1].content[0].type`. */
  readonly field: string;
  /** For the caller. */
  readonly message: string;
}

/** What became of a call for the sake of another provider. */
export type Translation = TranslatedCall | UntranslatableCall;

/**
 * Translates a call for a provider that does not speak its wire format. Done once for each model of each provider: a call
 * that waits or goes from account to account finds its translation again.
 *
 * @param model its name at the provider
 * @returns `null` when nothing this provider speaks is translated from this operation
 */
export function translateCall(adapter: ProviderAdapter, call: ModelCall, model: string): Translation | null {
  const target = targetOf(adapter, call, model);
  if (target === null) return null;
  const known = translations.get(call) ?? new Map<string, Translation>();
  translations.set(call, known);
  const key = `${adapter.kind} ${model}`;
  const translation = known.get(key) ?? translate(call, target, adapter.kind, model);
  known.set(key, translation);
  return translation;
}

/** For as long as somebody has the call. */
const translations = new WeakMap<ModelCall, Map<string, Translation>>();

/** What a call is translated to. A form of a provider's own is of no wire format: the caller's is left in its place. */
interface Target {
  readonly form: UpstreamForm;
  readonly wireFormat: WireFormat;
}

/** A form of the provider's own, else the first wire format that it speaks and serves this kind of call in. */
function targetOf(adapter: ProviderAdapter, call: ModelCall, model: string): Target | null {
  if (call.json === null || translators[call.wireFormat].operation !== call.operation) return null;
  const own = adapter.ownForm?.(model) ?? null;
  if (own !== null) return { form: own, wireFormat: call.wireFormat };
  const { operations } = adapter.capabilities;
  const isServed = (format: WireFormat) => operations.includes(translators[format].operation);
  const spoken = adapter.formatsOf?.(model) ?? adapter.wireFormats;
  const wireFormat = spoken.find((format) => format !== call.wireFormat && isServed(format));
  return wireFormat === undefined ? null : { form: translators[wireFormat], wireFormat };
}

function translate(call: ModelCall, { form, wireFormat }: Target, kind: string, model: string): Translation {
  try {
    const conversation = translators[call.wireFormat].readRequest(call.json ?? {});
    const terms = { kind, model, stream: call.stream };
    const json = form.writeRequest(conversation, terms);
    const body = Buffer.from(JSON.stringify(json));
    const translated: ModelCall = {
      ...call,
      wireFormat,
      operation: form.operation,
      json,
      body,
      contentType: 'application/json',
      // They speak of features of the caller's own format.
      forwardHeaders: {},
    };
    return { kind: 'translated', form, call: translated, showsThoughts: conversation.showsThoughts };
  } catch (error) {
    if (error instanceof Untranslatable)
      return { kind: 'untranslatable', field: error.field, message: error.message };
    // The stack has an end, which only a body made for it reaches.
    if (error instanceof RangeError)
      return { kind: 'untranslatable', field: 'body', message: 'The body is nested too deeply.' };
    throw error;
  }
}
