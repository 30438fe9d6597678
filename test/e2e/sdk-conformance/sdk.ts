/** Where an SDK is pointed at, the only thing that differs between the provider and the gateway. */
export interface Place {
  /** Before the version of the API, without a slash at its end. */
  readonly origin: string;
  readonly apiKey: string;
}

/** What every SDK is asked to do. Results are what the SDK made of the answers, to be compared. */
export interface Calls {
  chat(model: string, prompt: string): Promise<unknown>;
  /** Every event, in order. */
  stream(model: string, prompt: string): Promise<unknown>;
  /** A required tool is called, its result sent back, and the answer taken. */
  tools?(model: string): Promise<unknown>;
  toolStream?(model: string): Promise<unknown>;
  /** JSON that fits {@link placeSchema}. */
  structured?(model: string): Promise<unknown>;
  embeddings?(model: string): Promise<unknown>;
  /** Asks for things that nobody keeps, by their ids, and says what was thrown. */
  missing?(): Promise<readonly unknown[]>;
  /** The ids of the models it is shown. */
  models?(): Promise<readonly string[]>;
  /** Streams, aborts at the first word, and says what it got and what was thrown. */
  leave(model: string): Promise<unknown>;
  /** Waits for an answer that never comes, {@link patienceMs} long, and says what was thrown. */
  timeout(model: string): Promise<unknown>;
}

/** Names of the scenarios that are calls of their own. */
export type CallName = keyof Calls;

/** The kinds of provider the SDKs are made for. */
export type Kind = 'openai' | 'anthropic' | 'google' | 'groq' | 'mistral';

/** An official SDK, or one way of using it. */
export interface Sdk {
  readonly name: string;
  readonly kind: Kind;
  connect(place: Place): Calls;
}

/** How long a client waits in the scenario of timeouts, ms. */
export const patienceMs = 150;

/** Arguments of the tool and structured answers. */
export const placeSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const }, days: { type: 'integer' as const } },
  required: ['city', 'days'],
  additionalProperties: false,
};

/** What a thrown error tells its catcher, whichever SDK it is of; ids of requests are each server's own. */
export function described(error: unknown): unknown {
  // A DOMException is of another realm than Jest's Error.
  const told = error as Error & Record<string, unknown>;
  const headers = told['headers'] ?? told['responseHeaders'];
  const fields = [
    'status',
    'statusCode',
    'code',
    'type',
    'param',
    'error',
    'body',
    'responseBody',
    'isRetryable',
  ];
  return {
    class: told.constructor.name,
    message: told.message,
    retryAfter: headers instanceof Headers ? headers.get('retry-after') : valueIn(headers, 'retry-after'),
    ...Object.fromEntries(fields.map((field) => [field, told[field]])),
  };
}

const valueIn = (record: unknown, name: string): unknown =>
  typeof record === 'object' && record !== null ? (record as Record<string, unknown>)[name] : undefined;

/** What a call throws; that it does not is an error. */
export async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`nothing was thrown, but: ${JSON.stringify(outcome.value)}`);
  return described(outcome.error);
}

/** Reads a stream until the first item with words, aborts, and reads on until it ends or throws. */
export async function leftAtFirstWord<Item>(
  stream: AsyncIterable<Item>,
  wordsOf: (item: Item) => string | null | undefined,
  abort: () => void,
): Promise<unknown> {
  const words: string[] = [];
  try {
    for await (const item of stream) {
      const text = wordsOf(item);
      if (!text) continue;
      words.push(text);
      abort();
    }
  } catch (error) {
    return { words, error: described(error) };
  }
  return { words };
}
