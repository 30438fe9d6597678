import type { BilledTokens } from '../../witness/tally.js';

/** Unix seconds, as OpenAI dates things. */
export const seconds = (nowMs: number) => Math.floor(nowMs / 1000);

/** The error in the middle of a stream and of status 500. */
export const serverError = {
  message:
    'The server had an error processing your request. Sorry about that! You can retry your request, or contact us through our help center at help.openai.com if you keep seeing this error.',
  type: 'server_error',
  param: null,
  code: null,
};

/** Usage as chat and legacy completions tell it. */
export function chatUsage({ input, cached, output }: BilledTokens) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Usage as Responses tell it. */
export function responseUsage({ input, cached, output }: BilledTokens) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

/** Usage of calls that generate no tokens. */
export function inputUsage({ input }: BilledTokens) {
  return { prompt_tokens: input, total_tokens: input };
}
