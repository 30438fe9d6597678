import { describe, expect, it } from '@jest/globals';
import { table } from './table.js';

describe('table', () => {
  it('sets words left and figures right, under a head that is underlined', () => {
    const rows = [
      ['account', 'calls', 'cost', 'state'],
      ['a', '7', '$0.1', 'closed'],
      ['longer-name', '123456', '$12.0', 'open'],
    ];
    expect(table(rows)).toEqual([
      'account       calls   cost  state',
      '───────────  ──────  ─────  ──────',
      'a                 7   $0.1  closed',
      'longer-name  123456  $12.0  open',
    ]);
  });

  it('shows a head without rows', () => {
    expect(table([['a', 'b']])).toEqual(['a  b', '─  ─']);
  });
});
