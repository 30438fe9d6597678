import type { Sdk } from '../sdk.js';
import { aiAnthropic, aiOpenai, aiOpenaiChat } from './ai-sdk.js';
import { anthropic } from './anthropic.js';
import { google } from './google.js';
import { groq } from './groq.js';
import { mistral } from './mistral.js';
import { openai, openaiResponses } from './openai.js';

/** Every official SDK that must work with only base URL and key changed. */
export const sdks: readonly Sdk[] = [
  openai,
  openaiResponses,
  anthropic,
  google,
  groq,
  mistral,
  aiOpenai,
  aiOpenaiChat,
  aiAnthropic,
];
