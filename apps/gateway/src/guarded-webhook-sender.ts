import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request as send } from 'undici';
import { guardedConnector, hostFault } from '#ai-provider';
import { WebhookSender, type WebhookOutcome, type WebhookRequest } from '#api-keys';

const connectTimeoutMs = 5_000;
/** Of an answer nothing but its status matters; a longer one is cut off. */
const mostAnswerBytes = 16_384;

const faults = {
  metadata: 'must not lead to a link-local or cloud metadata address',
  private: "must not lead to a private address, unless privateHosts is 'allow'",
} as const;

/** Sends webhooks past the guard that keeps all connections from where they must not go. Redirects are not followed. */
@Injectable()
export class GuardedWebhookSender extends WebhookSender implements OnApplicationShutdown {
  private readonly agents = { allow: agentFor('allow'), deny: agentFor('deny') };

  faultOf({ hostname }: URL, privateHosts: 'allow' | 'deny'): string | null {
    const fault = hostFault(hostname, privateHosts);
    return fault === null ? null : faults[fault];
  }

  async post({ url, privateHosts, headers, body, timeoutMs }: WebhookRequest): Promise<WebhookOutcome> {
    try {
      const { statusCode, body: answer } = await send(url, {
        method: 'POST',
        dispatcher: this.agents[privateHosts],
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.dump({ limit: mostAnswerBytes }).catch(() => undefined);
      return { status: statusCode };
    } catch (error) {
      return { fault: faultIn(error) };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Object.values(this.agents).map((agent) => agent.destroy()));
  }
}

const agentFor = (privateHosts: 'allow' | 'deny'): Agent =>
  new Agent({
    connect: guardedConnector(privateHosts, connectTimeoutMs),
    connections: 8,
    pipelining: 1,
    maxHeaderSize: mostAnswerBytes,
  });

/** What went wrong, without addresses. */
function faultIn(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' && /^[A-Z\d_]{1,64}$/.test(code) ? code.toLowerCase() : 'failed';
}

/** Binds the port of system keys for webhooks. */
@Global()
@Module({
  providers: [{ provide: WebhookSender, useClass: GuardedWebhookSender }],
  exports: [WebhookSender],
})
export class WebhookSenderModule {}
