import { createHmac, hash } from 'node:crypto';
import type { Secret } from '#kernel';

/** An access key of IAM; a temporary one comes with a session token. */
export interface AwsAccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | null;
}

/** What a signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, escaped already. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

/** For what a signature is good. */
export interface SignatureScope {
  readonly region: string;
  readonly service: string;
}

interface DayKey {
  /** Date, region and service it was derived for. */
  readonly scope: string;
  readonly key: Buffer;
}

const algorithm = 'AWS4-HMAC-SHA256';
/** A key is good for a day in a region; deriving one costs as much as everything else. */
const dayKeys = new WeakMap<AwsAccessKey, DayKey>();

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/**
 * Signs the final bytes of a request by Signature Version 4 ("Create a signed AWS API request", IAM user guide). Signed
 * are `host`, `content-type` and all `x-amz-*` headers.
 *
 * @param request its path is escaped already; a signature escapes it once more
 */
export function signedRequest<Request extends SignableRequest>(
  request: Request,
  accessKey: AwsAccessKey,
  { region, service }: SignatureScope,
  nowMs: number,
): Request {
  const time = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const headers: Record<string, string> = { ...request.headers, 'x-amz-date': time };
  if (accessKey.sessionToken !== null) headers['x-amz-security-token'] = accessKey.sessionToken.reveal();
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const [names, canonical] = canonicalRequest(request, headers);
  const text = `${algorithm}\n${time}\n${scope}\n${hash('sha256', canonical)}`;
  const signature = hmac(dayKey(accessKey, scope), text).toString('hex');
  headers['authorization'] =
    `${algorithm} Credential=${accessKey.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...request, headers };
}

/** @returns the names of the signed headers, and the text that stands for the request */
function canonicalRequest(
  { method, origin, path, body }: SignableRequest,
  headers: Readonly<Record<string, string>>,
): readonly [names: string, text: string] {
  const host = origin.slice(origin.indexOf('//') + 2);
  const isSigned = (name: string) => name === 'content-type' || name.startsWith('x-amz-');
  const names = ['host', ...Object.keys(headers).filter(isSigned)].sort();
  const lines = names.map(
    (name) => `${name}:${name === 'host' ? host : canonicalValue(headers[name] ?? '')}\n`,
  );
  const [place = '', query = ''] = path.split('?');
  const list = names.join(';');
  const escaped = place.split('/').map(escapeFully).join('/');
  const parts = [method, escaped, canonicalQuery(query), lines.join(''), list, hash('sha256', body ?? '')];
  return [list, parts.join('\n')];
}

const canonicalValue = (value: string) => value.trim().replace(/ +/g, ' ');

const canonicalQuery = (query: string): string =>
  [...new URLSearchParams(query)]
    .map(([name, value]) => `${escapeFully(name)}=${escapeFully(value)}`)
    .sort()
    .join('&');

/** Escapes all but the unreserved characters of RFC 3986. */
const escapeFully = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function dayKey(accessKey: AwsAccessKey, scope: string): Buffer {
  const known = dayKeys.get(accessKey);
  if (known?.scope === scope) return known.key;
  const steps = scope.split('/');
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${accessKey.secretAccessKey.reveal()}`) as Buffer;
  dayKeys.set(accessKey, { scope, key });
  return key;
}
