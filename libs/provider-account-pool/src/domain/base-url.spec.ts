import { describe, expect, it } from '@jest/globals';
import { baseUrlFault } from './base-url.js';

describe('baseUrlFault', () => {
  it.each([
    'https://api.openai.com/v1',
    'http://ollama:11434/v1',
    'http://127.0.0.1:8000',
    'http://[::1]:8000',
    'https://10.1.2.3/v1/',
  ])('lets %s pass', (url) => {
    expect(baseUrlFault(url, 'allow')).toBeNull();
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://[::ffff:169.254.169.254]/',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://100.100.100.200/',
  ])('never lets %s pass: metadata of a cloud, or link-local', (url) => {
    expect(baseUrlFault(url, 'allow')).toContain('metadata');
  });

  it.each([
    'http://localhost:8000',
    'http://api.localhost',
    'http://127.0.0.1',
    'http://10.0.0.1',
    'http://172.16.9.9',
    'http://192.168.1.1',
    'http://[::1]',
    'http://[fc00::1]',
    'http://[::ffff:10.0.0.1]',
    'http://0.0.0.0',
  ])('lets %s pass only where private addresses are allowed', (url) => {
    expect(baseUrlFault(url, 'allow')).toBeNull();
    expect(baseUrlFault(url, 'deny')).toContain('private');
  });

  it.each([
    '',
    'api.openai.com',
    'ftp://example.com',
    'https://u:p@example.com',
    'https://example.com/?k=v',
    'https://e.com/#x',
  ])('refuses %p', (url) => {
    expect(baseUrlFault(url, 'allow')).not.toBeNull();
  });
});
