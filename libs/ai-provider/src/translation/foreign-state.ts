import type { ModelCall, WireFormat } from '../contract/model-call.js';
import { isRecord, listAt, recordAt } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';
import { foreignMark } from './signature.js';

/** How a wire format holds what another provider's turn has left with its caller. */
interface Holder {
  /** The member that lists the turns. */
  readonly turns: string;
  holds(turn: JsonRecord): boolean;
  /** @returns `null` when nothing of the turn is left */
  without(turn: JsonRecord): JsonRecord | null;
}

const isForeign = (text: unknown): boolean => typeof text === 'string' && text.startsWith(foreignMark);
const isForeignDetail = (detail: unknown): boolean => isRecord(detail) && isForeign(detail['signature']);
const isForeignCall = (call: unknown): boolean =>
  isRecord(call) &&
  call['extra_content'] !== undefined &&
  isForeign(recordAt(call['extra_content'], 'google')['thought_signature']);
const isForeignBlock = (block: unknown): boolean =>
  isRecord(block) && (isForeign(block['signature']) || isForeign(block['data']));
const isForeignPart = (part: unknown): boolean => isRecord(part) && isForeign(part['thoughtSignature']);

/** Makes nothing where there is nothing: it is asked of every turn of every call. */
function someOf(turn: JsonRecord, list: string, test: (item: unknown) => boolean): boolean {
  const items = turn[list];
  return Array.isArray(items) && items.some(test);
}

function withoutItems(
  turn: JsonRecord,
  list: string,
  isDropped: (item: unknown) => boolean,
): JsonRecord | null {
  const kept = listAt(turn, list).filter((item) => !isDropped(item));
  return kept.length === 0 ? null : { ...turn, [list]: kept };
}

const holders: Readonly<Record<WireFormat, Holder>> = {
  openai: {
    turns: 'messages',
    holds: (turn) =>
      someOf(turn, 'reasoning_details', isForeignDetail) || someOf(turn, 'tool_calls', isForeignCall),
    without: ({ reasoning_details: details, reasoning_content: thoughts, ...turn }) => {
      const calls = listAt(turn, 'tool_calls').map((call) =>
        isRecord(call) && isForeignCall(call) ? { ...call, extra_content: undefined } : call,
      );
      const isOwn = !listAt({ details }, 'details').some(isForeignDetail);
      return {
        ...turn,
        ...(calls.length > 0 && { tool_calls: calls }),
        ...(isOwn && details !== undefined && { reasoning_details: details }),
        ...(isOwn && thoughts !== undefined && { reasoning_content: thoughts }),
      };
    },
  },
  anthropic: {
    turns: 'messages',
    holds: (turn) => someOf(turn, 'content', isForeignBlock),
    without: (turn) => withoutItems(turn, 'content', isForeignBlock),
  },
  gemini: {
    turns: 'contents',
    holds: (turn) => someOf(turn, 'parts', isForeignPart),
    without: (turn) => withoutItems(turn, 'parts', isForeignPart),
  },
};

/**
 * The call for a provider that speaks its wire format, without what only a provider of another can read: a conversation
 * that fell over and has come home would be refused for signatures that are not its own.
 *
 * @returns the very same call in all other cases
 */
export function withoutForeignState(call: ModelCall): ModelCall {
  const { json, wireFormat } = call;
  const { turns: name, holds, without } = holders[wireFormat];
  const turns = json?.[name];
  if (json === null || !Array.isArray(turns)) return call;
  // What users say holds none of it.
  if (!turns.some((turn) => isRecord(turn) && turn['role'] !== 'user' && holds(turn))) return call;
  const cleaned = turns.flatMap((turn: unknown) => {
    if (!isRecord(turn) || !holds(turn)) return [turn];
    return without(turn) ?? [];
  });
  const own = { ...json, [name]: cleaned };
  return { ...call, json: own, body: Buffer.from(JSON.stringify(own)) };
}
