import { describe, expect, it } from '@jest/globals';
import { isRefused } from './dial-guard.js';

describe('isRefused', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
  ])('refuses %s always', (address) => {
    expect(isRefused(address, 'allow')).toBe(true);
    expect(isRefused(address, 'deny')).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    'fd12:3456::1',
    '64:ff9b::7f00:1',
  ])('refuses %s only when private addresses are denied', (address) => {
    expect(isRefused(address, 'allow')).toBe(false);
    expect(isRefused(address, 'deny')).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '64:ff9b::808:808'])('never refuses %s', (address) => {
    expect(isRefused(address, 'deny')).toBe(false);
  });
});
