import { describe, expect, it } from '@jest/globals';
import { PrometheusMetrics } from './prometheus-metrics.js';

const calls = { name: 'calls_total', help: 'Calls.', labels: ['provider'] };

describe('metrics', () => {
  it('gives the same series to everyone who asks for its name', async () => {
    const metrics = new PrometheusMetrics();
    metrics.counter(calls).increment({ provider: 'groq' });
    metrics.counter(calls).increment({ provider: 'groq' }, 2);
    const { text, contentType } = await metrics.expose();
    expect(text).toContain('calls_total{provider="groq"} 3');
    expect(contentType).toContain('text/plain');
  });

  it('refuses a name that belongs to another kind of series', () => {
    const metrics = new PrometheusMetrics();
    metrics.counter(calls);
    expect(() => metrics.gauge(calls)).toThrow(RangeError);
  });

  it('reads gauges at each scrape and forgets what is no longer set', async () => {
    const metrics = new PrometheusMetrics();
    let states = ['open', 'closed'];
    metrics.gauge({ name: 'accounts', help: 'Accounts.', labels: ['state'] }, (gauge) => {
      for (const state of states) gauge.set(1, { state });
    });
    expect((await metrics.expose()).text).toContain('accounts{state="open"} 1');
    states = ['closed'];
    expect((await metrics.expose()).text).not.toContain('accounts{state="open"}');
  });

  it('counts in the given buckets', async () => {
    const metrics = new PrometheusMetrics();
    metrics.histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [0.1, 1] }).observe(0.5);
    expect((await metrics.expose()).text).toContain('wait_seconds_bucket{le="1"} 1');
  });

  it('tells about the process too', async () => {
    expect((await new PrometheusMetrics().expose()).text).toContain('process_cpu_seconds_total');
  });
});
