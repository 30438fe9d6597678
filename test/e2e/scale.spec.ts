import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { answerChat, startStaticPool, type StaticPool } from '../support/static-pool.js';
import { until } from '../support/until.js';

let pool: StaticPool;
afterEach(() => pool.close());

describe('a pool of 10,000 accounts', () => {
  it('serves calls in a row from one account after the other, and reports on all', async () => {
    pool = await startStaticPool(10_000, (response) => answerChat(response));
    for (let at = 0; at < 500; at += 1) expect((await pool.call()).status).toBe(200);
    expect(new Set(pool.seen).size).toBe(500);
    const { body } = await pool.gateway.admin('GET', '/pools/groq');
    expect(body['accounts']).toMatchObject({ total: 10_000, eligible: 10_000 });
  }, 60_000);
});

describe('one process', () => {
  const streams = 1_000;

  it('carries 1,000 streams at once, each to its end', async () => {
    const open: ServerResponse[] = [];
    pool = await startStaticPool(10, (response) => {
      open.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(piece('begun'));
      // Not one ends before all have begun.
      if (open.length < streams) return;
      for (const one of open) one.end(`${piece(' and ended')}data: [DONE]\n\n`);
    });
    const answers = await Promise.all(Array.from({ length: streams }, () => pool.call(true)));
    expect(open).toHaveLength(streams);
    const isWhole = ({ status, text }: (typeof answers)[number]): boolean =>
      status === 200 && /begun[^]*and ended[^]*\[DONE\]\n\n$/.test(text);
    expect(answers.filter((answer) => !isWhole(answer))).toEqual([]);
    const { body } = await until(
      () => pool.gateway.admin('GET', '/pools/groq'),
      ({ status }) => status === 200,
    );
    expect(body['accounts']).toMatchObject({ total: 10, eligible: 10 });
  }, 60_000);
});

const piece = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`;
