import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SignedRequest } from '../dialect.js';

const algorithm = 'AWS4-HMAC-SHA256';
const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
/** A signature is good for so long before and after its instant. */
const toleranceMs = 300_000;
const mustBeSigned = ['host', 'x-amz-date'];

/** The access key id that a request names; undefined when it is not signed. */
export const accessKeyIn = (authorization: string): string | undefined => shape.exec(authorization)?.[1];

/** Whether a request was signed, by Signature Version 4, with this secret, for this service and about now. */
export function isSignedWith(secret: string, request: SignedRequest, nowMs: number): boolean {
  const match = shape.exec(request.headers.authorization ?? '');
  const time = request.headers['x-amz-date']?.toString() ?? '';
  if (match === null || Math.abs(instantOf(time) - nowMs) > toleranceMs) return false;
  const [, , scope = '', names = '', signature = ''] = match;
  const [day = '', , service] = scope.split('/');
  const signed = names.split(';');
  if (service !== 'bedrock' || !time.startsWith(day)) return false;
  if (!mustBeSigned.every((name) => signed.includes(name))) return false;
  const text = `${algorithm}\n${time}\n${scope}\n${sha256(canonical(request, signed))}`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'));
}

/** `20260920T120000Z`. */
const instantOf = (time: string): number =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')) || 0;

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

function canonical({ method, url, headers, body }: SignedRequest, signed: readonly string[]): string {
  const [path = '', query = ''] = url.split('?');
  const lines = signed.map((name) => {
    const value = headers[name]?.toString() ?? '';
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`;
  });
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return [
    method,
    path.split('/').map(escaped).join('/'),
    pairs.sort().join('&'),
    lines.join(''),
    signed.join(';'),
    sha256(body),
  ].join('\n');
}

/** All but the unreserved characters, as a path is escaped once more for its signature. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
