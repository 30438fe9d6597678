import type { DialectName } from '../scenario/scenario.js';
import { anthropic } from './anthropic/dialect.js';
import { compatible } from './compatible.js';
import { bedrock } from './bedrock/dialect.js';
import type { Dialect } from './dialect.js';
import { gemini } from './gemini/dialect.js';
import { groq } from './groq/dialect.js';
import { mistral } from './mistral/dialect.js';
import { openAi } from './openai/dialect.js';

/** Every dialect there is. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  openai: openAi,
  groq,
  mistral,
  compatible,
  anthropic,
  gemini,
  bedrock,
};

/** The dialect a provider speaks when the scenario does not say. */
export function usualDialect(providerName: string): DialectName {
  if (providerName === 'google') return 'gemini';
  return Object.hasOwn(dialects, providerName) ? (providerName as DialectName) : 'compatible';
}
