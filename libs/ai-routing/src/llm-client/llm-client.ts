import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ModelCall, Operation } from '#ai-provider';
import { asId, DomainError } from '#kernel';
import { ManagedCreditPool } from '#provider-account-pool';
import type { RelayAnswer } from '../relay-contract.js';
import { RelayCall } from '../relay-call.js';
import { RouteTable } from '../route-table.js';
import { ChunkQueue } from './chunk-queue.js';
import type {
  ChatAnswer,
  ChatChunk,
  ChatRequest,
  EmbeddingAnswer,
  EmbeddingRequest,
  LlmCallOptions,
} from './llm-requests.js';
import { sseData } from './sse-data.js';

const noTags = {};
const thisProcess = { apiKeyId: null, weight: 1, permit: null, meter: null };
const charactersPerToken = 4;

/**
 * Calls models from inside the process, through the same pools, limits and fail-over as callers from outside. A model
 * without provider goes to the provider of the single key (`GROQ_API_KEY`, ...) if one is set, else to the static pool's
 * (`SIDE_POOL_KEYS`); with neither, models are named as callers name them.
 */
@Injectable()
export class LlmClient {
  constructor(
    private readonly relayCall: RelayCall,
    private readonly routes: RouteTable,
    private readonly pool: ManagedCreditPool,
  ) {}

  /** @throws DomainError with the provider's own message when no account could answer */
  async chat(request: ChatRequest, options: LlmCallOptions = {}): Promise<ChatAnswer> {
    const answer = await this.relay('chat_completions', { ...request, stream: false }, options);
    return parseComplete<ChatAnswer>(answer);
  }

  /**
   * Yields the events of a streamed chat. Leaving the loop early ends the upstream call.
   *
   * @throws DomainError when no account could answer, or the stream broke off
   */
  async *stream(request: ChatRequest, options: LlmCallOptions = {}): AsyncGenerator<ChatChunk, void, void> {
    const abort = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
    const answer = await this.relay('chat_completions', { ...request, stream: true }, { ...options, signal });
    if (answer.kind !== 'stream') {
      parseComplete(answer);
      throw new DomainError(
        'upstream_failed',
        'The provider answered a request for a stream with a whole answer.',
      );
    }
    const queue = new ChunkQueue();
    const ended = answer.pipe(queue).finally(() => queue.end());
    try {
      for await (const data of sseData(queue.read())) {
        if (data !== '[DONE]') yield JSON.parse(data) as ChatChunk;
      }
      if ((await ended).kind === 'failed')
        throw new DomainError('upstream_failed', 'The provider broke off the stream.');
    } finally {
      abort.abort();
      queue.end();
      await ended;
    }
  }

  /** @throws DomainError with the provider's own message when no account could answer */
  async embed(request: EmbeddingRequest, options: LlmCallOptions = {}): Promise<EmbeddingAnswer> {
    return parseComplete<EmbeddingAnswer>(await this.relay('embeddings', request, options));
  }

  private relay(
    operation: Operation,
    request: ChatRequest | EmbeddingRequest,
    { signal = new AbortController().signal, tags = noTags, affinity }: LlmCallOptions,
  ): Promise<RelayAnswer> {
    const call = this.call(operation, { ...request, model: this.fullName(request.model) });
    return this.relayCall.relay({
      call,
      caller: thisProcess,
      tags,
      noFallback: false,
      affinity: affinity ?? null,
      signal,
      deadlineMs: Infinity,
    });
  }

  private fullName(model: string): string {
    const provider = this.pool.defaultProvider;
    if (provider === null || this.routes.plan(model) !== null) return model;
    return `${provider}/${model}`;
  }

  private call(operation: Operation, json: ChatRequest | EmbeddingRequest): ModelCall {
    const body = Buffer.from(JSON.stringify(json));
    const maxTokens = json['max_completion_tokens'] ?? json['max_tokens'];
    return {
      id: asId<'Call'>(randomUUIDv7()),
      wireFormat: 'openai',
      operation,
      model: json.model,
      stream: json['stream'] === true,
      body,
      contentType: 'application/json',
      json,
      inputTokensEstimate: Math.max(1, Math.ceil(body.length / charactersPerToken)),
      maxOutputTokens: operation === 'embeddings' ? 0 : typeof maxTokens === 'number' ? maxTokens : null,
      forwardHeaders: {},
    };
  }
}

function parseComplete<Answer>(answer: RelayAnswer): Answer {
  switch (answer.kind) {
    case 'complete':
      if (answer.status < 400) return JSON.parse(answer.body.toString('utf8')) as Answer;
      throw new DomainError('invalid_request', providersMessage(answer.body));
    case 'refused':
      throw answer.error;
    case 'client_gone':
      throw new DomainError('invalid_request', 'The call was aborted by its caller.');
    case 'stream':
      throw new DomainError('upstream_failed', 'The provider answered with a stream that was not asked for.');
  }
}

function providersMessage(body: Buffer): string {
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return error.message;
  } catch {
    // Not JSON: what it says is not for a caller.
  }
  return 'The provider refused the request.';
}
