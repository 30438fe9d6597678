import { createHmac } from 'node:crypto';
import type { Secret } from '#kernel';

/** A message ready to be sent. */
export interface SignedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Signs a message as Standard Webhooks has it: HMAC-SHA-256 over id, time and body.
 *
 * @param id the same for each try, so that receivers know a repeat
 * @param signingSecret `whsec_` and base64
 */
export function signedMessage(
  id: string,
  payload: object,
  signingSecret: Secret,
  nowMs: number,
): SignedMessage {
  const timestamp = String(Math.floor(nowMs / 1000));
  const body = JSON.stringify(payload);
  const key = Buffer.from(signingSecret.reveal().slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
    'user-agent': 'provider-account-pool',
  };
  return { headers, body };
}

const firstWaitMs = 30_000;
const longestWaitMs = 3_600_000;
/** Some five hours. */
const mostAttempts = 12;

/**
 * How long to wait after a delivery in vain, ms: 30 s, doubling to 1 h, a fifth more or less by chance.
 *
 * @param attempts tried so far, at least 1
 * @returns `null`: it is given up
 */
export function waitAfterMs(attempts: number, random: number): number | null {
  if (attempts >= mostAttempts) return null;
  return Math.round(Math.min(firstWaitMs * 2 ** (attempts - 1), longestWaitMs) * (0.8 + 0.4 * random));
}
