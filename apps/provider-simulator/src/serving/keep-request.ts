import type { LastRequest } from '../witness/report.js';
import type { Exchange } from './exchange.js';

const hidden = '[unknown key]';

/** Keeps a call as its provider's last request. Only keys of the scenario are ever shown: any other might be a real one. */
export function keepRequest(exchange: Exchange, body: Buffer | undefined): void {
  const { world, address, request, presentedKey, account } = exchange;
  const secret = account ? undefined : presentedKey;
  const shown = (text: string) => (secret ? text.replaceAll(secret, hidden) : text);
  world.witness.keepRequest(address.provider.name, (): LastRequest => ({
    provider: address.provider.name,
    method: request.method ?? '',
    url: shown(request.url ?? ''),
    headers: Object.fromEntries(
      Object.entries(request.headersDistinct).map(([name, values]) => [
        name,
        shown(values?.join(', ') ?? ''),
      ]),
    ),
    body: body?.toString() ?? '',
    bodyBase64: body?.toString('base64') ?? '',
  }));
}
