import { describe, expect, it } from '@jest/globals';
import { google } from './index.js';

const classOf = (status: number, message: string) => {
  const body = { error: { code: status, status: 'PERMISSION_DENIED', message } };
  const failure = google.classify({ status, headers: {}, body, transportCode: null }, 0);
  return `${failure.class} ${failure.scope}`;
};

describe('what Google says with PERMISSION_DENIED', () => {
  it.each([
    'You do not have permission to access the File abc-123 or it may not exist.',
    'CachedContent not found (or permission denied)',
  ])('blames no account where a thing is not there: %s', (message) => {
    expect(classOf(403, message)).toBe('not_found request');
  });

  it.each(['The caller does not have permission', 'Permission denied on resource project p.'])(
    'blames the account where its key may do nothing: %s',
    (message) => {
      expect(classOf(403, message)).toBe('permission account');
    },
  );
});
