import { describe, expect, it } from '@jest/globals';
import { readFault, readKey, readRevocation, readScenario } from './read-scenario.js';

describe('a scenario', () => {
  it('is taken as it is when it fits', () => {
    const scenario = {
      seed: 7,
      latency: { kind: 'log_normal', medianMs: 300, sigma: 0.4 },
      output: { tokens: 50, tokensPerSecond: 80 },
      recentCalls: 10,
      providers: {
        openai: {
          models: ['gpt-4o'],
          organisations: { 'org-a': { limits: { rpm: 10, maxConcurrency: 2 }, creditUsd: 3 } },
          keys: ['sk-1', { key: 'sk-2', organisation: 'org-a', limits: { tpm: 100 }, models: ['gpt-4o'] }],
        },
      },
      faults: [{ kind: 'status', status: 503, provider: 'openai', untilMs: 1_000, probability: 0.5 }],
    };
    expect(readScenario(scenario)).toBe(scenario);
  });

  it('is refused with every fault at once, by path, value and range', () => {
    const broken = {
      providers: { openai: { keys: [{ key: 'a', limits: { rpmm: 3 } }], dialect: 'klingon' } },
      faults: [{ kind: 'nope' }, { kind: 'status', status: 200 }, { kind: 'hang', probability: 2 }],
    };
    expect(() => readScenario(broken)).toThrow(
      [
        'scenario.providers.openai.keys[0].limits.rpmm: no such field',
        'scenario.providers.openai.dialect: wanted one of openai, groq, mistral, compatible, anthropic, gemini, bedrock, got "klingon"',
      ].join('; '),
    );
    expect(() => readScenario(broken)).toThrow('scenario.faults[0].kind: wanted one of status, html_502');
    expect(() => readScenario(broken)).toThrow(
      'scenario.faults[1].status: wanted a number from 400 to 599, got 200; scenario.faults[2].probability: wanted a number from 0 to 1, got 2',
    );
  });
});

describe('the parts control calls bring', () => {
  it('are checked like those of a scenario', () => {
    expect(() => readKey({ key: 'a' })).toThrow('key.provider: wanted a text, got nothing');
    expect(() => readFault({ kind: 'slow_stream' })).toThrow('fault.delayMs: wanted a number from 0');
    expect(() => readRevocation('sk-1')).toThrow('revocation: wanted an object, got "sk-1"');
  });
});
