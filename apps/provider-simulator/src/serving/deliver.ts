import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../dialects/dialect.js';
import type { BilledTokens } from '../witness/tally.js';
import type { Exchange } from './exchange.js';
import type { Manner } from './manner.js';

type Whole = Extract<Answer, { kind: 'whole' }>;
type Stream = Extract<Answer, { kind: 'stream' }>;
type Headers = Readonly<Record<string, string>>;

/** Closes the connection under the client's feet. */
function cut(exchange: Exchange): void {
  exchange.isCut = true;
  exchange.response.destroy();
}

/** Sends a complete body, or spoils it. */
export function deliverWhole(
  exchange: Exchange,
  { body, contentType, headers: own }: Whole,
  usage: Readonly<BilledTokens>,
  manner: Manner,
  headers: Headers,
): void {
  const { response } = exchange;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const half = bytes.subarray(0, bytes.length >> 1);
  const announced = manner.ending === 'truncated' ? half : bytes;
  response.writeHead(200, {
    'content-type': manner.contentType ?? contentType,
    'content-length': announced.length,
    ...headers,
    ...own,
  });
  exchange.delivered = usage;
  if (manner.ending === 'cut') response.write(half, () => cut(exchange));
  else response.end(announced);
}

/** Below this timers are too coarse: several chunks then leave together. */
const shortestPauseMs = 4;
const unpacedChunks = 1_024;

/** How many chunks leave together, and the pause before them. */
function paceOf(manner: Manner, tokensPerSecond: number | undefined) {
  const perChunkMs = manner.chunkDelayMs + (tokensPerSecond ? 1000 / tokensPerSecond : 0);
  if (perChunkMs === 0) return { pauseMs: 0, together: unpacedChunks };
  const together = Math.ceil(shortestPauseMs / perChunkMs);
  return { pauseMs: perChunkMs * together, together };
}

/** Sends a stream at its pace until it ends, is spoilt, or the client goes. */
export async function deliverStream(
  exchange: Exchange,
  answer: Stream,
  usage: Readonly<BilledTokens>,
  manner: Manner,
  headers: Headers,
): Promise<void> {
  const { response, address } = exchange;
  const { pauseMs, together } = paceOf(manner, address.provider.output.tokensPerSecond);
  const stopAt =
    manner.ending === 'complete'
      ? answer.pieces
      : Math.min(answer.pieces, manner.afterChunks ?? answer.pieces >> 1);
  response.writeHead(200, {
    'content-type': manner.contentType ?? answer.contentType,
    'cache-control': 'no-cache',
    ...headers,
  });
  let pending = answer.opening;
  for (let next = 0; next < stopAt;) {
    if (pauseMs > 0 || next > 0) {
      await flush(response, pending, answer.encoding);
      pending = '';
      if (pauseMs > 0) await sleep(pauseMs);
      if (response.destroyed) return;
    }
    const until = Math.min(stopAt, next + together);
    while (next < until) pending += answer.piece(next++);
    exchange.delivered = { ...usage, output: next };
  }
  finish(exchange, answer, manner, pending);
}

function finish(exchange: Exchange, answer: Stream, { ending }: Manner, pending: string): void {
  const { response } = exchange;
  const { encoding = 'utf8' } = answer;
  switch (ending) {
    case 'complete':
    case 'truncated':
      response.end(pending + answer.closing, encoding);
      return;
    case 'error':
      response.end(pending + answer.failure(exchange.delivered.output), encoding);
      return;
    case 'cut':
      response.write(pending, encoding, () => cut(exchange));
      return;
    case 'hang':
      response.write(pending, encoding);
  }
}

/** Writes and waits while the client is slower than we are. */
async function flush(
  response: ServerResponse,
  text: string,
  encoding: BufferEncoding = 'utf8',
): Promise<void> {
  if (text === '' || response.write(text, encoding)) return;
  await new Promise<void>((resolve) => {
    const goOn = () => {
      response.off('drain', goOn).off('close', goOn);
      resolve();
    };
    response.on('drain', goOn).on('close', goOn);
  });
}
