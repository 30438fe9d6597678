import { describe, expect, it } from '@jest/globals';
import { passableHeaders } from './passable-headers.js';

describe('passableHeaders', () => {
  it('passes what describes the answer and withholds what describes the account or the connection', () => {
    const passed = passableHeaders({
      'content-type': 'application/json',
      'retry-after': '3',
      'x-ratelimit-remaining-requests': '9',
      'openai-processing-ms': '12',
      'content-length': '10',
      'content-encoding': 'gzip',
      connection: 'keep-alive',
      'transfer-encoding': 'chunked',
      'set-cookie': ['a=1', 'b=2'],
      'openai-organization': 'org-1',
      'openai-project': 'proj_1',
      'anthropic-organization-id': '1',
      missing: undefined,
    });
    expect(passed).toEqual([
      ...['content-type', 'application/json'],
      ...['retry-after', '3'],
      ...['x-ratelimit-remaining-requests', '9'],
      ...['openai-processing-ms', '12'],
    ]);
  });
});
