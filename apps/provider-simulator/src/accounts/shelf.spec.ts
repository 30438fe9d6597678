import { describe, expect, it } from '@jest/globals';
import { Shelf } from './shelf.js';

describe('what an account keeps', () => {
  it('is found by its collection and id, and listed newest first', () => {
    const shelf = new Shelf();
    shelf.put('a', { kind: 'file', shown: { id: 'a' } });
    shelf.put('b', { kind: 'file', shown: { id: 'b' } });
    expect(shelf.get('file', 'a')?.shown).toEqual({ id: 'a' });
    expect(shelf.get('batch', 'a')).toBeUndefined();
    expect(shelf.all('file').map(({ shown }) => shown['id'])).toEqual(['b', 'a']);
    shelf.drop('a');
    expect(shelf.get('file', 'a')).toBeUndefined();
  });

  it('is bounded: the oldest goes', () => {
    const shelf = new Shelf();
    for (let at = 0; at <= 10_000; at += 1) shelf.put(`f${at}`, { kind: 'file', shown: {} });
    expect(shelf.get('file', 'f0')).toBeUndefined();
    expect(shelf.all('file')).toHaveLength(10_000);
  });
});
