import { isRecord, listAt, parseJson, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type {
  MediaPart,
  LinkPart,
  Part,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  Turn,
} from '../conversation.js';
import { readDataUrl } from '../data-url.js';
import { Fields } from '../fields.js';
import { unwrapSignature } from '../signature.js';
import { Untranslatable } from '../untranslatable.js';

/** The messages of a chat: instructions, wherever they stand, and the turns. */
interface Messages {
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
}

/**
 * Reads the messages of a chat.
 *
 * @throws Untranslatable
 */
export function readMessages(messages: readonly Fields[]): Messages {
  const system: TextPart[] = [];
  const turns: Turn[] = [];
  const toolNames = new Map<string, string>();
  for (const message of messages) {
    const at = message.at('role');
    const role = message.requiredText('role');
    switch (role) {
      case 'system':
      case 'developer':
        system.push({
          kind: 'text',
          text: readTexts(message)
            .map(({ text }) => text)
            .join(''),
        });
        break;
      case 'user':
        turns.push({ role, parts: readContent(message) });
        break;
      case 'assistant':
        turns.push({ role, parts: readAssistant(message, toolNames) });
        break;
      case 'tool':
        turns.push({ role: 'user', parts: [readToolResult(message, toolNames)] });
        break;
      default:
        throw new Untranslatable(at);
    }
    message.end();
  }
  return { system, turns };
}

/** A content that may be a text or a list of parts, taken apart. */
function partsOf(message: Fields): readonly (TextPart | Fields)[] {
  const at = message.at('content');
  const content = message.take('content');
  if (content === undefined) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) throw new Untranslatable(at, 'has a value of the wrong type');
  return new Fields({ content }, at.replace(/\.?content$/, '')).each('content');
}

function readTexts(message: Fields): TextPart[] {
  return partsOf(message).map((part) => {
    if (!(part instanceof Fields)) return part;
    const type = part.requiredText('type');
    if (type !== 'text' && type !== 'refusal') throw new Untranslatable(part.at('type'));
    return textOf(part, type);
  });
}

function textOf(part: Fields, name: string): TextPart {
  const text = part.requiredText(name);
  part.harmless('cache_control', 'prompt_cache_breakpoint');
  part.end();
  return { kind: 'text', text };
}

function readContent(message: Fields): readonly (TextPart | MediaPart | LinkPart)[] {
  return partsOf(message).map((part) => {
    if (!(part instanceof Fields)) return part;
    const at = part.at('type');
    switch (part.requiredText('type')) {
      case 'text':
        return textOf(part, 'text');
      case 'image_url':
        return readImage(part);
      case 'file':
        return readFile(part);
      default:
        throw new Untranslatable(at);
    }
  });
}

function readImage(part: Fields): MediaPart | LinkPart {
  const at = part.at('image_url');
  const image = part.fields('image_url');
  const url = image?.requiredText('url') ?? '';
  // A hint about its resolution.
  image?.harmless('detail');
  image?.end();
  part.harmless('cache_control');
  part.end();
  const inline = readDataUrl(url);
  if (inline !== null) return { kind: 'media', ...inline, at };
  if (!/^https?:/i.test(url)) throw new Untranslatable(at, 'is neither an address nor a data URL in base64');
  return { kind: 'link', url, at };
}

function readFile(part: Fields): MediaPart {
  const at = part.at('file');
  const file = part.fields('file');
  const inline = readDataUrl(file?.text('file_data') ?? '');
  file?.harmless('filename');
  file?.end();
  part.harmless('cache_control');
  part.end();
  if (inline === null) throw new Untranslatable(at);
  return { kind: 'media', ...inline, at };
}

function readAssistant(message: Fields, toolNames: Map<string, string>): readonly Part[] {
  const refusal = message.text('refusal');
  // What answers have and requests need not.
  message.harmless('annotations', 'reasoning_content', 'reasoning');
  const thinking = readThinking(message);
  const texts = readTexts(message);
  const refused: readonly TextPart[] = refusal === null ? [] : [{ kind: 'text', text: refusal }];
  const calls = message.each('tool_calls').map((call) => readToolCall(call, toolNames));
  return [...thinking, ...texts, ...refused, ...calls];
}

/** What we once handed out; the thoughts of others are of use to nobody else. */
function readThinking(message: Fields): ThinkingPart[] {
  const details = listAt({ details: message.take('reasoning_details') }, 'details');
  return details.flatMap((detail) => {
    if (!isRecord(detail)) return [];
    const signature = unwrapSignature(detail['signature']);
    const text = typeof detail['text'] === 'string' ? detail['text'] : '';
    return signature === null ? [] : [{ kind: 'thinking' as const, text, signature }];
  });
}

function readToolCall(call: Fields, toolNames: Map<string, string>): ToolCallPart {
  call.only('type', 'function');
  const id = call.requiredText('id');
  const called = call.fields('function');
  if (called === null) throw new Untranslatable(call.at('function'), 'is missing');
  const name = called.requiredText('name');
  const args = argumentsOf(called);
  called.end();
  const extra = recordAt({ extra: call.take('extra_content') }, 'extra');
  call.harmless('index');
  call.end();
  toolNames.set(id, name);
  return { kind: 'tool_call', id, name, args, signature: readThought(extra) };
}

/** Google's own OpenAI-compatible endpoint keeps signatures here, and so do we. */
function readThought(extra: JsonRecord): ToolCallPart['signature'] {
  const kept = recordAt(extra, 'google')['thought_signature'];
  if (typeof kept !== 'string') return null;
  return unwrapSignature(kept) ?? { kind: 'thought', value: kept };
}

function argumentsOf(called: Fields): JsonRecord {
  const at = called.at('arguments');
  const text = called.text('arguments') ?? '';
  const value: unknown = text.trim() === '' ? {} : parseJson(text);
  if (!isRecord(value)) throw new Untranslatable(at, 'is no JSON object');
  return value;
}

function readToolResult(message: Fields, toolNames: ReadonlyMap<string, string>): Part {
  const at = message.at('tool_call_id');
  const id = message.requiredText('tool_call_id');
  const name = toolNames.get(id);
  if (name === undefined) throw new Untranslatable(at, 'belongs to no tool call before it');
  message.harmless('name');
  return { kind: 'tool_result', id, name, content: readTexts(message), isError: false, at };
}
