import type { JsonRecord } from '../../json-value.js';
import type { Conversation, Effort, Reasoning } from '../conversation.js';
import { budgetOf, effortOf } from '../reasoning.js';
import { uncarried } from '../untranslatable.js';
import { thinksByEffort } from './models.js';

/** The smallest budget that is accepted. */
const leastBudget = 1_024;
/** Of all tokens, so that some are left for the answer. */
const largestShare = 0.8;

interface Thinking {
  readonly thinking: JsonRecord | null;
  /** Members of `output_config`. */
  readonly effort: { readonly effort?: Effort };
}

const nothing: Thinking = { thinking: null, effort: {} };

/**
 * Says how much the model may think.
 *
 * @param maxTokens of thoughts and answer together
 * @throws Untranslatable where it cannot be combined with the rest of the request
 */
export function writeThinking(conversation: Conversation, model: string, maxTokens: number): Thinking {
  const { reasoning, toolChoice } = conversation;
  if (reasoning === null) return nothing;
  if (reasoning.kind === 'off') return { thinking: { type: 'disabled' }, effort: {} };
  if (toolChoice === 'required' || (typeof toolChoice === 'object' && toolChoice !== null))
    throw uncarried(conversation, 'reasoning', 'cannot be combined with a forced tool at this provider');
  const display = conversation.showsThoughts ? { display: 'summarized' } : {};
  if (thinksByEffort(model)) {
    return { thinking: { type: 'adaptive', ...display }, effort: writeEffort(effortOf(reasoning)) };
  }
  if (maxTokens <= leastBudget)
    throw uncarried(conversation, 'reasoning', `needs more than ${leastBudget} tokens at this provider`);
  if (lacksProof(conversation)) return nothing;
  const budget_tokens = budgetWithin(reasoning, maxTokens);
  return { thinking: { type: 'enabled', budget_tokens }, effort: {} };
}

const writeEffort = (effort: Effort | null): { readonly effort?: Effort } =>
  effort === null ? {} : { effort: effort === 'minimal' ? 'low' : effort };

function budgetWithin(reasoning: Reasoning, maxTokens: number): number {
  const wanted = reasoning.kind === 'budget' ? reasoning.tokens : budgetOf(effortOf(reasoning) ?? 'medium');
  return Math.max(leastBudget, Math.min(wanted, Math.floor(maxTokens * largestShare)));
}

/**
 * Whether the turn that is to be gone on with began without thoughts that Anthropic has signed: models with a budget then
 * refuse to think.
 */
function lacksProof({ turns }: Conversation): boolean {
  const isGoingOn = turns.at(-1)?.parts.some(({ kind }) => kind === 'tool_result') === true;
  const first = turns.at(-2)?.parts[0];
  return isGoingOn && !(first?.kind === 'thinking' && first.signature !== null);
}
