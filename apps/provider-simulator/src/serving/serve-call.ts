import type { IncomingMessage, ServerResponse } from 'node:http';
import { drawLatencyMs } from '../chance.js';
import type { World } from '../world.js';
import { decide } from './decide.js';
import type { Decision } from './decide.js';
import { deliverStream, deliverWhole } from './deliver.js';
import { Exchange } from './exchange.js';
import type { Address } from './exchange.js';
import { idFor } from './id-for.js';
import { keepRequest } from './keep-request.js';
import { mannerOf } from './manner.js';
import { readBody } from './read-body.js';

const gatewayPage =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n';

/** One call: read, decide, deliver. Settles when the last byte is handed over or the client has gone. */
export async function serveCall(
  world: World,
  address: Address,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = new Exchange(world, address, request, response);
  const body = await readBody(request);
  exchange.id = idFor(world.scenario.ids, body);
  keepRequest(exchange, body);
  await carryOut(exchange, decide(exchange, body));
}

async function carryOut(exchange: Exchange, decision: Decision): Promise<void> {
  switch (decision.kind) {
    case 'hang':
      return;
    case 'reset':
      exchange.isCut = true;
      exchange.request.socket.resetAndDestroy();
      return;
    case 'html_502':
      exchange.response
        .writeHead(502, { 'content-type': 'text/html', server: 'cloudflare' })
        .end(gatewayPage);
      return;
    case 'refuse':
      refuse(exchange, decision);
      return;
    case 'answer':
      await answer(exchange, decision);
  }
}

function refuse(exchange: Exchange, decision: Extract<Decision, { kind: 'refuse' }>): void {
  const { world, address, response } = exchange;
  const { dialect } = address.provider;
  const situation = exchange.situation(world.clock.nowMs());
  const { status, headers, body } = dialect.refuse(decision.refusal, situation);
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': text.length,
    ...dialect.headers(decision.isSilent ? { ...situation, limits: [] } : situation),
    ...headers,
    ...decision.headers,
  });
  response.end(text);
}

async function answer(
  exchange: Exchange,
  { answer, serving }: Extract<Decision, { kind: 'answer' }>,
): Promise<void> {
  const { world, address, response, fault } = exchange;
  const { provider } = address;
  const manner = mannerOf(fault);
  const headers = provider.dialect.headers(exchange.situation(serving.nowMs));
  const delayMs = drawLatencyMs(provider.latency, world.random) + manner.delayMs;
  if (delayMs > 0) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (response.destroyed) return;
  }
  if (answer.kind === 'whole') deliverWhole(exchange, answer, serving.usage, manner, headers);
  else await deliverStream(exchange, answer, serving.usage, manner, headers);
}
