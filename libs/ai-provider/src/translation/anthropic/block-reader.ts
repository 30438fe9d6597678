import type {
  LinkPart,
  MediaPart,
  Part,
  Signature,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../conversation.js';
import { Fields } from '../fields.js';
import { unwrapSignature } from '../signature.js';
import { Untranslatable } from '../untranslatable.js';
import { takeCacheMark } from './cache-mark.js';

/** A member that may be a text or a list of blocks. */
function blocksOf(owner: Fields, name: string): readonly (TextPart | Fields)[] {
  const at = owner.at(name);
  const content = owner.take(name);
  if (content === undefined) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) throw new Untranslatable(at, 'has a value of the wrong type');
  const path = at === name ? '' : at.slice(0, -name.length - 1);
  return new Fields({ [name]: content }, path).each(name);
}

/**
 * Reads a member that holds nothing but text.
 *
 * @throws Untranslatable
 */
export function readTexts(owner: Fields, name: string): TextPart[] {
  return blocksOf(owner, name).map((block) => {
    if (!(block instanceof Fields)) return block;
    const at = block.at('type');
    if (block.requiredText('type') !== 'text') throw new Untranslatable(at);
    return readText(block);
  });
}

/**
 * Reads the content of a message.
 *
 * @param toolNames of the calls so far, by id; those of this message are added
 * @throws Untranslatable
 */
export function readBlocks(
  message: Fields,
  role: Turn['role'],
  toolNames: Map<string, string>,
): readonly Part[] {
  const parts: Part[] = [];
  let thought: Signature | null = null;
  for (const block of blocksOf(message, 'content')) {
    if (!(block instanceof Fields)) parts.push(block);
    else {
      const at = block.at('type');
      const type = block.requiredText('type');
      const kept = role === 'assistant' && type === 'redacted_thinking' ? readRedacted(block) : undefined;
      if (kept !== undefined) thought = kept ?? thought;
      else {
        const part = readBlock(block, type, role, toolNames);
        if (part === null) throw new Untranslatable(at);
        // A call of Gemini's has its signature in the block before it.
        parts.push(
          ...part.map((each) => (each.kind === 'tool_call' ? { ...each, signature: thought } : each)),
        );
        if (part.some(({ kind }) => kind === 'tool_call')) thought = null;
      }
    }
  }
  return parts;
}

/** @returns `null` for a block that cannot be carried, nothing for one that is of no use to others */
function readBlock(
  block: Fields,
  type: string,
  role: Turn['role'],
  toolNames: Map<string, string>,
): readonly Part[] | null {
  if (type === 'text') return [readText(block)];
  if (role === 'assistant') {
    if (type === 'thinking') return readThinking(block);
    return type === 'tool_use' ? [readToolUse(block, toolNames)] : null;
  }
  if (type === 'tool_result') return [readToolResult(block, toolNames)];
  return type === 'image' || type === 'document' ? [readSource(block, type)] : null;
}

function readText(block: Fields): TextPart {
  const text = block.requiredText('text');
  block.only('citations', []);
  const mark = takeCacheMark(block);
  block.end();
  return { kind: 'text', text, ...mark };
}

/** Thoughts are proven by a signature that only Anthropic can read, so that others are not sent them. */
function readThinking(block: Fields): readonly Part[] {
  block.harmless('thinking', 'signature');
  block.end();
  return [];
}

/** @returns `null` for Anthropic's own */
function readRedacted(block: Fields): Signature | null {
  const signature = unwrapSignature(block.take('data'));
  block.end();
  return signature;
}

function readToolUse(block: Fields, toolNames: Map<string, string>): ToolCallPart {
  const id = block.requiredText('id');
  const name = block.requiredText('name');
  const args = block.record('input') ?? {};
  const mark = takeCacheMark(block);
  block.only('caller', { type: 'direct' });
  block.end();
  toolNames.set(id, name);
  return { kind: 'tool_call', id, name, args, signature: null, ...mark };
}

function readToolResult(block: Fields, toolNames: ReadonlyMap<string, string>): ToolResultPart {
  const at = block.at('tool_use_id');
  const id = block.requiredText('tool_use_id');
  const name = toolNames.get(id);
  if (name === undefined) throw new Untranslatable(at, 'belongs to no tool use before it');
  const isError = block.flag('is_error') ?? false;
  const content = blocksOf(block, 'content').map((inner) => {
    if (!(inner instanceof Fields)) return inner;
    const typeAt = inner.at('type');
    const type = inner.requiredText('type');
    if (type === 'text') return readText(inner);
    if (type !== 'image' && type !== 'document') throw new Untranslatable(typeAt);
    return readSource(inner, type);
  });
  const mark = takeCacheMark(block);
  block.end();
  return { kind: 'tool_result', id, name, content, isError, at, ...mark };
}

function readSource(block: Fields, blockType: 'image' | 'document'): MediaPart | LinkPart {
  const at = block.at('source');
  const source = block.fields('source');
  const type = source?.text('type') ?? null;
  const mark = takeCacheMark(block);
  block.only('citations', { enabled: false });
  block.end();
  if (source === null || type === null) throw new Untranslatable(at);
  if (type === 'url' && blockType === 'image') {
    const url = source.requiredText('url');
    source.end();
    return { kind: 'link', url, at, ...mark };
  }
  if (type !== 'base64') throw new Untranslatable(at);
  const mediaType = source.requiredText('media_type');
  const data = source.requiredText('data');
  source.end();
  return { kind: 'media', mediaType, data, at, ...mark };
}
