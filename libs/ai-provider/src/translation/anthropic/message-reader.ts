import type { TextPart, Turn } from '../conversation.js';
import type { Fields } from '../fields.js';
import { Untranslatable } from '../untranslatable.js';
import { readBlocks, readTexts } from './block-reader.js';

/** The messages of a request: instructions, wherever they stand, and the turns. */
interface Messages {
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
}

/**
 * Reads the messages of a request.
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
    if (role === 'system') system.push(...readTexts(message, 'content'));
    else if (role === 'user' || role === 'assistant') {
      turns.push({ role, parts: readBlocks(message, role, toolNames) });
    } else throw new Untranslatable(at);
    message.end();
  }
  return { system, turns };
}
