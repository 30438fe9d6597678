const pattern = /^data:([\w.+-]+\/[\w.+-]+)((?:;[^;,]*)*),/;

/**
 * Takes a data URL in base64 apart.
 *
 * @returns `null` for every other text
 */
export function readDataUrl(url: string): { readonly mediaType: string; readonly data: string } | null {
  const match = pattern.exec(url.slice(0, 256));
  if (match === null || match[2]?.endsWith(';base64') !== true) return null;
  return { mediaType: (match[1] ?? '').toLowerCase(), data: url.slice(match[0].length) };
}
