/** What a model costs, decimal US dollars per million tokens. */
export interface ModelPrice {
  readonly input: string;
  /** Prompt tokens read from the provider's cache; as `input` when left out. */
  readonly cachedInput?: string;
  /** Generated tokens, reasoning included. */
  readonly output: string;
}

/** Models that one vendor prices. */
export interface PriceFamily {
  /** Provider names the prices hold for; `null` where the model names are the vendor's own, whoever serves them. */
  readonly providers: readonly string[] | null;
  /** By model name without its snapshot suffix. */
  readonly models: Readonly<Record<string, ModelPrice>>;
}

/**
 * List prices of the standard tier, as the vendors published them by the end of 2025:
 * openai.com/api/pricing, claude.com/pricing, ai.google.dev/gemini-api/docs/pricing, groq.com/pricing.
 * Not in here: surcharges for prompts above 200 k tokens and for cache writes, batch discounts.
 */
export const priceTable: readonly PriceFamily[] = [
  {
    providers: null,
    models: {
      'gpt-5.1': { input: '1.25', cachedInput: '0.125', output: '10' },
      'gpt-5': { input: '1.25', cachedInput: '0.125', output: '10' },
      'gpt-5-mini': { input: '0.25', cachedInput: '0.025', output: '2' },
      'gpt-5-nano': { input: '0.05', cachedInput: '0.005', output: '0.4' },
      'gpt-4.1': { input: '2', cachedInput: '0.5', output: '8' },
      'gpt-4.1-mini': { input: '0.4', cachedInput: '0.1', output: '1.6' },
      'gpt-4.1-nano': { input: '0.1', cachedInput: '0.025', output: '0.4' },
      'gpt-4o': { input: '2.5', cachedInput: '1.25', output: '10' },
      'gpt-4o-mini': { input: '0.15', cachedInput: '0.075', output: '0.6' },
      'gpt-4-turbo': { input: '10', output: '30' },
      'gpt-3.5-turbo': { input: '0.5', output: '1.5' },
      o1: { input: '15', cachedInput: '7.5', output: '60' },
      o3: { input: '2', cachedInput: '0.5', output: '8' },
      'o3-mini': { input: '1.1', cachedInput: '0.55', output: '4.4' },
      'o4-mini': { input: '1.1', cachedInput: '0.275', output: '4.4' },
      'text-embedding-3-small': { input: '0.02', output: '0' },
      'text-embedding-3-large': { input: '0.13', output: '0' },
    },
  },
  {
    providers: null,
    models: {
      'claude-opus-4-5': { input: '5', cachedInput: '0.5', output: '25' },
      'claude-opus-4-1': { input: '15', cachedInput: '1.5', output: '75' },
      'claude-opus-4': { input: '15', cachedInput: '1.5', output: '75' },
      'claude-sonnet-4-5': { input: '3', cachedInput: '0.3', output: '15' },
      'claude-sonnet-4': { input: '3', cachedInput: '0.3', output: '15' },
      'claude-3-7-sonnet': { input: '3', cachedInput: '0.3', output: '15' },
      'claude-3-5-sonnet': { input: '3', cachedInput: '0.3', output: '15' },
      'claude-haiku-4-5': { input: '1', cachedInput: '0.1', output: '5' },
      'claude-3-5-haiku': { input: '0.8', cachedInput: '0.08', output: '4' },
      'claude-3-haiku': { input: '0.25', cachedInput: '0.03', output: '1.25' },
    },
  },
  {
    providers: null,
    models: {
      'gemini-2.5-pro': { input: '1.25', cachedInput: '0.125', output: '10' },
      'gemini-2.5-flash': { input: '0.3', cachedInput: '0.03', output: '2.5' },
      'gemini-2.5-flash-lite': { input: '0.1', cachedInput: '0.01', output: '0.4' },
      'gemini-2.0-flash': { input: '0.1', cachedInput: '0.025', output: '0.4' },
      'gemini-2.0-flash-lite': { input: '0.075', output: '0.3' },
      'gemini-embedding-001': { input: '0.15', output: '0' },
    },
  },
  {
    providers: ['groq'],
    models: {
      'llama-3.3-70b-versatile': { input: '0.59', output: '0.79' },
      'llama-3.1-8b-instant': { input: '0.05', output: '0.08' },
    },
  },
];
