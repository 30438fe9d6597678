/** How a model is reached: Claude's own words, OpenAI's, or Bedrock's for all models. */
export type BedrockApi = 'invoke' | 'openai' | 'converse';

/** An operator may put it before the name of a model: `converse/amazon.nova-pro-v1:0`. */
const named = /^(invoke|openai|converse)\/(.+)$/s;
/** All models of these vendors have the surface of OpenAI ("API compatibility", Bedrock user guide). */
const likeOpenAi = /(?:^|[./])(?:openai|qwen|google|minimax|moonshot(?:ai)?|nvidia|zai)\./;
/** What an ARN points at is told by its last part, where it is told. */
const vendors = /(?:^|[./])(?:ai21|amazon|cohere|deepseek|meta|mistral|writer)\./;

/** The name without what an operator put before it. */
export const modelId = (model: string): string => named.exec(model)?.[2] ?? model;

/** The API of a model; `null` where its name says nothing, as that of an inference profile of one's own. */
export function apiOf(model: string): BedrockApi | null {
  const match = named.exec(model);
  if (match !== null) return match[1] as BedrockApi;
  if (model.includes('claude')) return 'invoke';
  if (likeOpenAi.test(model)) return 'openai';
  return model.startsWith('arn:') && !vendors.test(model) ? null : 'converse';
}

/** What Converse lets be said about a model beyond what it lets be said about all. */
export type ModelFamily = 'claude' | 'nova' | 'other';

/** The family of a model, by its name. */
export function familyOf(model: string): ModelFamily {
  if (model.includes('claude')) return 'claude';
  return model.includes('amazon.nova') ? 'nova' : 'other';
}

/** Whether a model may be Claude: it is, or nobody can tell. */
export const mayBeClaude = (model: string): boolean =>
  familyOf(model) === 'claude' || apiOf(modelId(model)) === null;

/** Whether a model of Amazon can be told how hard to think: from its second generation on. */
export const thinksByEffort = (model: string): boolean => /amazon\.nova-(?:[2-9]|\d\d)/.test(model);

/** Whether a model thinks whatever it is told. */
export const alwaysThinks = (model: string): boolean => /deepseek\.r1|thinking|magistral/.test(model);
