import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aCallIn } from '../../../../../test/support/translations.js';
import { translateCall } from '../../translation/translate-call.js';
import { bedrock } from './index.js';

const arn = (rest: string) => `arn:aws:bedrock:us-east-1:123456789012:${rest}`;
const say = { messages: [{ role: 'user', content: 'Hi' }] };
const keyed = {
  baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
  credential: new Secret('k'),
};

/** The path of a call, translated where it has to be. */
function pathFor(format: 'openai' | 'anthropic', model: string): string {
  const call = aCallIn(format, { ...say, max_tokens: 9 });
  const target = { ...keyed, model };
  if (bedrock.formatsOf(model).includes(format)) return bedrock.request(call, target).path;
  const translation = translateCall(bedrock, call, model);
  if (translation?.kind !== 'translated') throw new Error('not translated');
  return bedrock.request(translation.call, target).path;
}

describe('a model of Bedrock is asked by the API that it has', () => {
  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', 'invoke', 'invoke'],
    [arn('inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0'), 'invoke', 'invoke'],
    ['openai.gpt-oss-120b-1:0', 'completions', 'completions'],
    ['qwen.qwen3-32b-v1:0', 'completions', 'completions'],
    [arn('foundation-model/openai.gpt-oss-20b-1:0'), 'completions', 'completions'],
    ['amazon.nova-pro-v1:0', 'converse', 'converse'],
    ['us.amazon.nova-pro-v1:0', 'converse', 'converse'],
    ['eu.amazon.nova-lite-v1:0', 'converse', 'converse'],
    ['apac.amazon.nova-micro-v1:0', 'converse', 'converse'],
    ['global.amazon.nova-2-lite-v1:0', 'converse', 'converse'],
    ['cohere.command-r-plus-v1:0', 'converse', 'converse'],
    ['us.meta.llama4-scout-17b-instruct-v1:0', 'converse', 'converse'],
    ['mistral.mistral-large-2402-v1:0', 'converse', 'converse'],
    ['us.deepseek.r1-v1:0', 'converse', 'converse'],
    [arn('inference-profile/us.amazon.nova-pro-v1:0'), 'converse', 'converse'],
    // Its name says nothing: Claude's callers get Claude's own API, which others can do without.
    [arn('application-inference-profile/a1b2c3'), 'converse', 'invoke'],
    [arn('provisioned-model/a1b2c3'), 'converse', 'invoke'],
  ])('%s', (model, byOpenAi, byAnthropic) => {
    expect(pathFor('openai', model).split('/').at(-1)).toBe(byOpenAi);
    expect(pathFor('anthropic', model).split('/').at(-1)).toBe(byAnthropic);
  });

  it.each([
    [`converse/${arn('application-inference-profile/a1')}`, 'converse', 'converse'],
    [`invoke/${arn('application-inference-profile/a1')}`, 'invoke', 'invoke'],
    ['converse/anthropic.claude-sonnet-4-5-20250929-v1:0', 'converse', 'converse'],
    ['openai/deepseek.v3-v1:0', 'completions', 'completions'],
  ])('or by the one that an operator puts before its name: %s', (model, byOpenAi, byAnthropic) => {
    const paths = [pathFor('openai', model), pathFor('anthropic', model)];
    expect(paths.map((path) => path.split('/').at(-1))).toEqual([byOpenAi, byAnthropic]);
    for (const path of paths) expect(path).not.toMatch(/(converse|invoke|openai)%2F/);
  });

  it('which is Converse for callers of Gemini too, and for chat alone', () => {
    const speak = { contents: [{ parts: [{ text: 'Hi' }] }] };
    const model = 'amazon.nova-pro-v1:0';
    expect(translateCall(bedrock, aCallIn('gemini', speak), model)).toMatchObject({
      kind: 'translated',
      call: { operation: 'converse' },
    });
    expect(
      translateCall(bedrock, aCallIn('openai', { input: 'Hi' }, { operation: 'responses' }), model),
    ).toBeNull();
  });
});
