import type { JsonRecord } from '../../json-value.js';
import type { MediaPart, Part, TextPart, ToolCallPart, ToolResultPart, Turn } from '../conversation.js';
import type { Fields } from '../fields.js';
import { unwrapSignature } from '../signature.js';
import { Untranslatable } from '../untranslatable.js';

/**
 * Reads the instructions to the model.
 *
 * @throws Untranslatable
 */
export function readInstruction(fields: Fields): readonly TextPart[] {
  const instruction = fields.fields('systemInstruction');
  if (instruction === null) return [];
  instruction.harmless('role');
  const texts = instruction.each('parts').map((part) => {
    const text = part.requiredText('text');
    part.end();
    return text;
  });
  instruction.end();
  return texts.length === 0 ? [] : [{ kind: 'text', text: texts.join('') }];
}

/**
 * Reads the turns of a conversation.
 *
 * @throws Untranslatable
 */
export function readContents(contents: readonly Fields[]): readonly Turn[] {
  const reader = new ContentReader();
  return contents.map((content) => {
    const at = content.at('role');
    const role = content.text('role') ?? 'user';
    if (role !== 'user' && role !== 'model' && role !== 'function') throw new Untranslatable(at);
    const parts = content.each('parts').flatMap((part) => reader.read(part, role === 'model'));
    content.end();
    return { role: role === 'model' ? 'assistant' : 'user', parts };
  });
}

/** Reads parts in order. Calls may have no id: their results are then told by name and order. */
class ContentReader {
  readonly #open: { readonly id: string; readonly name: string }[] = [];
  #calls = 0;
  #thoughts = '';

  read(part: Fields, isModel: boolean): readonly Part[] {
    const signature = unwrapSignature(part.take('thoughtSignature'));
    part.only('partMetadata', {});
    if (part.flag('thought') === true) return this.#readThought(part, signature);
    if (isModel && part.has('functionCall')) return [this.#readCall(part, signature)];
    if (!isModel && part.has('functionResponse')) return [this.#readResponse(part)];
    if (!isModel && part.has('inlineData')) return [readData(part)];
    const text = readText(part);
    return text.text === '' ? [] : [text];
  }

  /** The thoughts of a stream come in pieces, the last with the signature of all. Google's own are of use to nobody else. */
  #readThought(part: Fields, signature: ToolCallPart['signature']): readonly Part[] {
    this.#thoughts += part.text('text') ?? '';
    part.end();
    if (signature === null) return [];
    const text = this.#thoughts;
    this.#thoughts = '';
    return [{ kind: 'thinking', text, signature }];
  }

  #readCall(part: Fields, signature: ToolCallPart['signature']): ToolCallPart {
    const call = part.fields('functionCall') as Fields;
    const name = call.requiredText('name');
    const id = call.text('id') ?? `call_${this.#calls}`;
    const args = call.record('args') ?? {};
    call.end();
    part.end();
    this.#calls += 1;
    this.#open.push({ id, name });
    return { kind: 'tool_call', id, name, args, signature };
  }

  #readResponse(part: Fields): ToolResultPart {
    const at = part.at('functionResponse');
    const given = part.fields('functionResponse') as Fields;
    const name = given.requiredText('name');
    const id = given.text('id');
    const response = given.record('response') ?? {};
    given.end();
    part.end();
    const index = this.#open.findIndex((call) => (id === null ? call.name === name : call.id === id));
    const [call] = index === -1 ? [] : this.#open.splice(index, 1);
    if (call === undefined) throw new Untranslatable(at, 'belongs to no function call before it');
    return { kind: 'tool_result', ...call, ...resultOf(response), at };
  }
}

function readText(part: Fields): TextPart {
  const text = part.text('text');
  part.end();
  return { kind: 'text', text: text ?? '' };
}

function readData(part: Fields): MediaPart {
  const at = part.at('inlineData');
  const data = part.fields('inlineData') as Fields;
  data.harmless('displayName');
  const media = { mediaType: data.requiredText('mimeType'), data: data.requiredText('data') };
  data.end();
  part.end();
  return { kind: 'media', ...media, at };
}

/** Results are objects; one that holds an `output` or an `error` and nothing else is that text. */
function resultOf(response: JsonRecord): Pick<ToolResultPart, 'content' | 'isError'> {
  const [key, ...others] = Object.keys(response);
  const value = key === undefined ? undefined : response[key];
  const isPlain = others.length === 0 && typeof value === 'string' && (key === 'output' || key === 'error');
  const text = isPlain ? value : JSON.stringify(response);
  return { content: [{ kind: 'text', text }], isError: isPlain && key === 'error' };
}
