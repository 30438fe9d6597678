import { hash } from 'node:crypto';
import type { JsonRecord } from '../../../json-value.js';
import type {
  CacheMark,
  LinkPart,
  MediaPart,
  Part,
  ThinkingPart,
  ToolResultPart,
  Turn,
} from '../../../translation/conversation.js';
import { Untranslatable } from '../../../translation/untranslatable.js';
import { familyOf, mayBeClaude } from '../model.js';

const imageFormats: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

/** Ids of calls are no longer than this. */
const longestId = 64;

/** The end of a beginning worth keeping. An hour is for Claude alone. */
export const cachePoint = (mark: CacheMark, model: string): JsonRecord => ({
  cachePoint: { type: 'default', ...(mark === '1h' && familyOf(model) === 'claude' && { ttl: mark }) },
});

/** Writes the turns of one conversation as Converse's messages. Stateful: documents are numbered, as names must differ. */
export class ContentWriter {
  #documents = 0;
  readonly #keepsPrompts: boolean;
  readonly #mayBeClaude: boolean;

  /** @param model where it keeps no beginnings of prompts, marks are left out: they would be refused */
  constructor(private readonly model: string) {
    this.#keepsPrompts = familyOf(model) !== 'other';
    this.#mayBeClaude = mayBeClaude(model);
  }

  /**
   * Turns with nothing left in them are dropped; who speaks alternates.
   *
   * @throws Untranslatable
   */
  messages(turns: readonly Turn[]): readonly JsonRecord[] {
    const messages: { role: Turn['role']; content: JsonRecord[] }[] = [];
    for (const { role, parts } of turns) {
      const results = parts.filter(({ kind }) => kind === 'tool_result');
      const others = parts.filter(({ kind }) => kind !== 'tool_result');
      const content = [...results, ...others].flatMap((part) => this.write(part));
      const last = messages.at(-1);
      if (last?.role === role) last.content.push(...content);
      else if (content.length > 0) messages.push({ role, content });
    }
    return messages;
  }

  /** @throws Untranslatable */
  write(part: Part): readonly JsonRecord[] {
    const blocks = this.#blocks(part);
    const mark = markOf(part);
    const isMarked = mark !== undefined && this.#keepsPrompts && blocks.length > 0;
    return isMarked ? [...blocks, cachePoint(mark, this.model)] : blocks;
  }

  /** Blank texts are refused there. */
  #blocks(part: Part): readonly JsonRecord[] {
    switch (part.kind) {
      case 'text':
        return part.text.trim() === '' ? [] : [{ text: part.text }];
      case 'media':
      case 'link':
        return [this.#media(part)];
      case 'tool_call':
        return [{ toolUse: { toolUseId: idOf(part.id), name: part.name, input: part.args } }];
      case 'tool_result':
        return [this.#result(part)];
      case 'thinking':
        return this.#mayBeClaude ? writeThought(part) : [];
    }
  }

  #media(part: MediaPart | LinkPart): JsonRecord {
    if (part.kind === 'link')
      throw new Untranslatable(part.at, 'is not fetched by this provider: send the image itself');
    const source = { bytes: part.data };
    const format = imageFormats[part.mediaType];
    if (format !== undefined) return { image: { format, source } };
    if (part.mediaType !== 'application/pdf') throw new Untranslatable(part.at);
    this.#documents += 1;
    return { document: { format: 'pdf', name: `document-${this.#documents}`, source } };
  }

  #result({ id, content, isError }: ToolResultPart): JsonRecord {
    const blocks = content.flatMap((part) => this.#blocks(part));
    const status = isError ? { status: 'error' } : {};
    return { toolResult: { toolUseId: idOf(id), content: blocks, ...status } };
  }
}

/** What is marked inside of a result is marked behind it, where alone there is a place for it. */
const markOf = (part: Part): CacheMark | undefined => {
  if (part.kind === 'thinking') return undefined;
  if (part.kind !== 'tool_result') return part.cache;
  return part.cache ?? part.content.find(({ cache }) => cache !== undefined)?.cache;
};

/** Only proven thoughts are of use, and only to whom can read the proof. */
function writeThought({ text, signature }: ThinkingPart): readonly JsonRecord[] {
  switch (signature?.kind) {
    case 'thinking':
      return [{ reasoningContent: { reasoningText: { text, signature: signature.value } } }];
    case 'sealed':
      return [{ reasoningContent: { redactedContent: signature.value } }];
    default:
      return [];
  }
}

/** Ids are made of these characters alone; one that is too long is told by its hash, the same every time. */
function idOf(id: string): string {
  const known = id.replace(/[^\w-]/g, '_');
  return known.length > longestId ? hash('sha256', id) : known;
}
