import { readFileSync } from 'node:fs';
import {
  ProviderRegistry,
  type AnswerHeaders,
  type FailedAnswer,
  type Operation,
  type ProviderAdapter,
} from '#ai-provider';
import { aModelCall } from './a-model-call.js';
import { exceptionFrame } from './event-frame.js';

/** A row of `test/fixtures/provider-errors.json`. */
export interface ErrorRow {
  readonly id: string;
  readonly provider: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly event?: string;
  readonly class: string;
  readonly scope: string;
  readonly retry_after_ms: number | null;
  readonly now?: string;
}

/** All rows of the fixture table. */
export const errorRows = JSON.parse(
  readFileSync(new URL('../fixtures/provider-errors.json', import.meta.url), 'utf8'),
) as readonly ErrorRow[];

const registry = new ProviderRegistry();

/** Names that the fixtures have for kinds of ours, and for what is no provider. */
const kinds: Readonly<Record<string, string>> = {
  gemini: 'google',
  vertex: 'vertex-ai',
  azure: 'azure-openai',
  openai_compatible: 'openai-compatible',
  edge: 'openai-compatible',
  transport: 'openai-compatible',
};

/** The adapter of a kind, or of a provider as the fixtures name it. */
export function adapterFor(provider: string): ProviderAdapter {
  const adapter = registry.get(kinds[provider] ?? provider);
  if (adapter === null) throw new Error(`no adapter for ${provider}`);
  return adapter;
}

/**
 * The answer of a row, as the client would give it to a classifier.
 *
 * @param operation whose stream an error stands in; default: the usual one of the provider
 */
export function answerOf(row: ErrorRow, operation?: Operation): FailedAnswer {
  const headers: AnswerHeaders = Object.fromEntries(
    Object.entries(row.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const transport = row.provider === 'transport' ? (row.body as { transport: string }).transport : null;
  const body =
    row.event === undefined || transport !== null ? row.body : errorInStream(row, row.event, operation);
  return { status: row.status, headers, body, transportCode: transport };
}

/** The error of a started stream, found the way the client finds it. */
function errorInStream(row: ErrorRow, event: string, asked?: Operation): unknown {
  const isFrame = row.provider === 'bedrock';
  const adapter = adapterFor(event.includes('message_start') ? 'anthropic' : row.provider);
  const dialogue = event.includes('response.') ? 'responses' : 'chat_completions';
  const operation = asked ?? (isFrame ? 'messages' : dialogue);
  const reader = adapter.readStream(aModelCall({ operation, stream: true }));
  reader.read(isFrame ? awsException(event) : Buffer.from(event));
  reader.finish();
  return reader.error;
}

/** A frame of AWS's event stream, which the fixtures show as text: its headers, an empty line, its payload. */
function awsException(frame: string): Buffer {
  const [headers = '', payload = ''] = frame.split('\n\n');
  const { message } = JSON.parse(payload) as { message: string };
  return exceptionFrame(/:exception-type: (\w+)/.exec(headers)?.[1] ?? '', message);
}
