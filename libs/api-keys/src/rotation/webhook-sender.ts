/** What came of a message: how it was answered, or why it was not. */
export type WebhookOutcome = { readonly status: number } | { readonly fault: string };

/** A message to be sent once. */
export interface WebhookRequest {
  readonly url: URL;
  readonly privateHosts: 'allow' | 'deny';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** ms, for all of it. */
  readonly timeoutMs: number;
}

/**
 * Sends messages to addresses that people configure. Port; the host binds one. It connects to no metadata or link-local address
 * ever, to private ones only where a message allows it, and follows no redirect.
 */
export abstract class WebhookSender {
  /** What is wrong with an address, as far as it can be told without asking anybody; `null`: nothing. */
  abstract faultOf(url: URL, privateHosts: 'allow' | 'deny'): string | null;
  /** Never rejects; a fault names no address and no content. */
  abstract post(request: WebhookRequest): Promise<WebhookOutcome>;
}
