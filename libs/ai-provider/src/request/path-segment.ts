/**
 * A name as one segment of a path. It may come from a caller: no part of it may climb out of its place, nor add a verb
 * behind a colon. `@`, which needs no escape (RFC 3986, 3.3), stays as it is.
 */
export const pathSegment = (name: string): string =>
  encodeURIComponent(name)
    .replaceAll('%40', '@')
    .replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
