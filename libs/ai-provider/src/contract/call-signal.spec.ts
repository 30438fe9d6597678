import { describe, expect, it } from '@jest/globals';
import { CallAbort, type CallSignal } from './call-signal.js';

const counter = () => ({
  told: 0,
  handleEvent() {
    this.told += 1;
  },
});

describe('CallAbort', () => {
  it('tells its listener once, and keeps the first reason', () => {
    const abort = new CallAbort();
    const listener = counter();
    abort.addEventListener('abort', listener);
    abort.abort('first');
    abort.abort('second');
    expect([listener.told, abort.aborted, abort.reason]).toEqual([1, true, 'first']);
  });

  it('tells nobody who has left, and takes the next attempt in its place', () => {
    const abort = new CallAbort();
    const [first, second] = [counter(), counter()];
    abort.addEventListener('abort', first);
    expect(() => abort.addEventListener('abort', second)).toThrow(RangeError);
    abort.removeEventListener('abort', second);
    abort.removeEventListener('abort', first);
    abort.addEventListener('abort', second);
    abort.abort('gone');
    expect([first.told, second.told]).toEqual([0, 1]);
  });

  it('asks of a signal no more than AbortSignal gives', () => {
    const signal: CallSignal = AbortSignal.abort('why');
    expect([signal.aborted, signal.reason]).toEqual([true, 'why']);
  });
});
