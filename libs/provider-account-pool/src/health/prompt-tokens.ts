import { Injectable } from '@nestjs/common';
import type { TokenUsage } from '#kernel';
import { Metrics, type Counter } from '#observability';

/** Counts prompt tokens by whether the provider had them in its cache: the measured worth of affinity. */
@Injectable()
export class PromptTokens {
  private readonly tokens: Counter;

  constructor(metrics: Metrics) {
    this.tokens = metrics.counter({
      name: 'pool_prompt_tokens_total',
      help: 'Prompt tokens as providers counted them, by whether they came from the prompt cache',
      labels: ['provider', 'cached'],
    });
  }

  note(provider: string, { input, cachedInput }: TokenUsage): void {
    if (cachedInput > 0) this.tokens.increment({ provider, cached: 'true' }, cachedInput);
    if (input > cachedInput) this.tokens.increment({ provider, cached: 'false' }, input - cachedInput);
  }
}
