import { expect, it } from '@jest/globals';
import { SnakeNaming } from './snake-naming.js';

it.each([
  ['createdAt', 'created_at'],
  ['id', 'id'],
  ['costNanoUsd', 'cost_nano_usd'],
  ['requests2Day', 'requests2_day'],
])('the property %s is the column %s', (property, column) => {
  expect(new SnakeNaming().columnName(property, undefined, [])).toBe(column);
});

it('names given by hand stay', () => {
  expect(new SnakeNaming().tableName('AccountEntity', 'accounts')).toBe('accounts');
  expect(new SnakeNaming().columnName('limits', 'theLimits', ['embeddedIn'])).toBe('embedded_in_theLimits');
});
