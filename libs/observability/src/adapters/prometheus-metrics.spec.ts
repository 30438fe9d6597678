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

  it('exposes histograms as Prometheus reads them: cumulative buckets, sum and count', async () => {
    const metrics = new PrometheusMetrics();
    const wait = metrics.histogram({
      name: 'wait_seconds',
      help: 'Wait.',
      labels: ['pool'],
      buckets: [0.1, 1],
    });
    for (const value of [0.1, 0.5, 0.75, 8]) wait.observe(value, { pool: 'groq' });
    const { text } = await metrics.expose();
    const lines = text.split('\n').filter((line) => line.includes('wait_seconds'));
    expect(lines).toEqual([
      '# HELP wait_seconds Wait.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{le="0.1",pool="groq"} 1',
      'wait_seconds_bucket{le="1",pool="groq"} 3',
      'wait_seconds_bucket{le="+Inf",pool="groq"} 4',
      'wait_seconds_sum{pool="groq"} 9.35',
      'wait_seconds_count{pool="groq"} 4',
    ]);
  });

  it('shows series without labels from the start', async () => {
    const metrics = new PrometheusMetrics();
    metrics.counter({ name: 'drops_total', help: 'Drops.' });
    metrics.histogram({ name: 'wait_seconds', help: 'Wait.' });
    const { text } = await metrics.expose();
    expect(text).toContain('drops_total 0');
    expect(text).toContain('wait_seconds_bucket{le="+Inf"} 0');
    expect(text).toContain('wait_seconds_count 0');
  });

  it('counts on between scrapes and counts nothing twice', async () => {
    const metrics = new PrometheusMetrics();
    const counter = metrics.counter(calls);
    counter.increment({ provider: 'groq' }, 2);
    await metrics.expose();
    expect((await metrics.expose()).text).toContain('calls_total{provider="groq"} 2');
    counter.increment({ provider: 'groq' });
    expect((await metrics.expose()).text).toContain('calls_total{provider="groq"} 3');
  });

  it('refuses labels a series has not, steps down and values that are no number', () => {
    const metrics = new PrometheusMetrics();
    const counter = metrics.counter(calls);
    const histogram = metrics.histogram({ name: 'wait_seconds', help: 'Wait.', labels: ['pool'] });
    expect(() => counter.increment({ status: '200' })).toThrow();
    expect(() => counter.increment({ provider: 'groq' }, -1)).toThrow(RangeError);
    expect(() => histogram.observe(1, { status: '200' })).toThrow();
    expect(() => histogram.observe(NaN)).toThrow(TypeError);
  });

  it('tells about the process too', async () => {
    expect((await new PrometheusMetrics().expose()).text).toContain('process_cpu_seconds_total');
  });
});
