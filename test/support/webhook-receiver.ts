import type { IncomingHttpHeaders } from 'node:http';
import { LoopbackServer } from './loopback-server.js';

/** A message as it came. */
export interface ReceivedMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks, on a real socket. */
export class WebhookReceiver {
  readonly received: ReceivedMessage[] = [];
  /** What the next messages are answered, after whatever it waits for. */
  answer: (message: ReceivedMessage) => Promise<{ status: number; location?: string }> = async () => ({
    status: 200,
  });
  private readonly server = new LoopbackServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const message = { path: request.url ?? '', headers: request.headers, body };
      this.received.push(message);
      void this.answer(message).then(({ status, location }) =>
        response.writeHead(status, location === undefined ? {} : { location }).end(),
      );
    });
  });

  /** @returns where it is */
  listen(port?: number): Promise<string> {
    return this.server.listen(port);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** Verifies a message as its receiver would, by Web Crypto and what Standard Webhooks say. */
export async function isGenuine(
  { headers, body }: ReceivedMessage,
  signingSecret: string,
  nowMs: number,
): Promise<boolean> {
  const [id, time, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  );
  if (Math.abs(nowMs / 1000 - Number(time)) > 300) return false;
  const material = Buffer.from(signingSecret.replace('whsec_', ''), 'base64');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', material, algorithm, false, ['verify']);
  const signed = new TextEncoder().encode(`${id}.${time}.${body}`);
  for (const each of (signatures ?? '').split(' ')) {
    const [version, text = ''] = each.split(',');
    if (version === 'v1' && (await crypto.subtle.verify('HMAC', key, Buffer.from(text, 'base64'), signed)))
      return true;
  }
  return false;
}
