import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ObjectRelay, Pins, type RelayAnswer } from '#ai-routing';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { DomainError } from '#kernel';
import type { ObjectAccount } from '#provider-account-pool';
import { readBody } from '../read-body.js';
import { BodyUpload } from '../uploads/body-upload.js';
import { passOn } from '../uploads/pass-on.js';
import { isSuccess, type ObjectAsk } from './object-ask.js';
import { objectCall, type ObjectCallParts } from './object-call.js';
import { ObjectLedger } from './object-ledger.js';
import { ObjectPlaces } from './object-places.js';
import { UploadAddresses, type UploadSession } from './upload-addresses.js';

type Parts = Pick<ObjectCallParts, 'body' | 'upload' | 'contentType'> & { readonly query?: string };

const kind = 'gemini_files';
const place = '/upload/v1beta/files';
/** Of what will be uploaded, bytes: names and types. */
const longestAbout = 65_536;
const longestHeader = 1_024;
const addressHeader = 'x-goog-upload-url';
/** The name a caller chooses, in JSON as strict or as loose as Google takes it. */
const chosenName = /["']name["']\s*:\s*["']files\/([\w-]{1,256})["']/;

/** Uploads of files to Gemini: in pieces, by the resumable protocol, or in one request. */
@Injectable()
export class GeminiUploads {
  constructor(
    private readonly pins: Pins,
    private readonly relay: ObjectRelay,
    private readonly places: ObjectPlaces,
    private readonly ledger: ObjectLedger,
    private readonly addresses: UploadAddresses,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** @throws DomainError for everything that is the caller's to mend, and when nothing can be remembered */
  answer(ask: ObjectAsk): Promise<RelayAnswer> {
    const { found, request, session } = ask;
    const query = new URLSearchParams(found.query);
    if (query.has('upload_id')) return this.goOn(ask, session);
    if (request.headers['x-goog-upload-protocol'] === 'resumable') return this.begin(ask);
    return this.atOnce(ask, query.get('uploadType'));
  }

  /** The provider is told what comes, and names an address, in the place of which the caller gets one of ours. */
  private async begin(ask: ObjectAsk): Promise<RelayAnswer> {
    const { request, caller } = ask;
    const { headers } = request;
    if (!commandsIn(headers).includes('start')) throw wrongHeader('command', "must be 'start'");
    this.refuseTooLarge(Number(headers['x-goog-upload-header-content-length'] ?? 0));
    await this.pins.check();
    const body = await readBody(request, longestAbout);
    const accounts = await this.accountsFor(ask, chosenName.exec(body.toString())?.[1]);
    const answer = await this.send(ask, accounts, { body, contentType: headers['content-type'] });
    const { accountId } = answer.kind === 'complete' ? answer.by : { accountId: null };
    if (!isSuccess(answer) || accountId === null) return answer;
    const session = { owner: caller.apiKeyId, accountId };
    const address = this.addresses.give(String(answer.headers[addressHeader]), session, request);
    return { ...answer, headers: { ...answer.headers, [addressHeader]: address } };
  }

  private async goOn(ask: ObjectAsk, session: UploadSession | null): Promise<RelayAnswer> {
    const { request, response, caller, open } = ask;
    if (session === null || session.owner !== caller.apiKeyId) {
      throw new DomainError('not_found', 'There is no such upload, or its time is over.');
    }
    const { headers } = request;
    const commands = commandsIn(headers);
    const offset = Number(headers['x-goog-upload-offset'] ?? 0);
    if (!Number.isSafeInteger(offset) || offset < 0) throw wrongHeader('offset', 'must be a whole number');
    this.refuseTooLarge(offset + Number(headers['content-length'] ?? 0));
    // What could not be remembered is not made.
    if (commands.includes('finalize')) await this.pins.check();
    const holder = this.places.holder({ accountId: session.accountId, kind, id: 'upload' });
    const { query } = session;
    if (hasNoBody(headers)) return this.noted(ask, await this.send(ask, [holder], { query }));
    const upload = BodyUpload.of(request, this.config.server.maxUploadBytes - offset);
    passOn(upload, open, response);
    return this.noted(ask, await this.send(ask, [holder], { query, upload }));
  }

  /** The bytes alone, or behind what is said of them: `raw` and `multipart`. */
  private async atOnce(ask: ObjectAsk, type: string | null): Promise<RelayAnswer> {
    const { request, response, open } = ask;
    if (type === 'resumable') {
      throw wrongHeader('protocol', "must be 'resumable': uploads in pieces by uploadType are not served");
    }
    await this.pins.check();
    const accounts = await this.accountsFor(ask, undefined);
    const upload = BodyUpload.of(request, this.config.server.maxUploadBytes);
    passOn(upload, open, response);
    const query = type === null ? '' : `?uploadType=${encodeURIComponent(type)}`;
    return this.noted(ask, await this.send(ask, accounts, { upload, query }));
  }

  /** A name that the caller has given to a file already is taken there, and must not be given to another elsewhere. */
  private async accountsFor(
    { found, request, caller }: ObjectAsk,
    name: string | undefined,
  ): Promise<readonly ObjectAccount[]> {
    const { apiKeyId: owner } = caller;
    const taken = name === undefined ? null : await this.pins.find(kind, name, { owner });
    if (taken !== null) return [this.places.holder(taken)];
    const named = request.headers['x-pool-provider'];
    const provider = typeof named === 'string' ? named : undefined;
    return this.places.candidates(this.places.providerFor(found.route, provider, caller), kind);
  }

  private send(
    { request: { headers }, requestId, open }: ObjectAsk,
    accounts: readonly ObjectAccount[],
    { query = '', contentType, ...parts }: Parts,
  ): Promise<RelayAnswer> {
    const call = objectCall({
      requestId,
      wireFormat: 'gemini',
      object: { kind, method: 'POST', path: place + query, mayBeEmpty: true },
      contentType: contentType ?? headers['content-type'] ?? 'application/octet-stream',
      forwardHeaders: uploadHeaders(headers),
      ...parts,
    });
    return this.relay.relay({ call, accounts, signal: open.abort });
  }

  private async noted({ found, caller }: ObjectAsk, answer: RelayAnswer): Promise<RelayAnswer> {
    if (isSuccess(answer)) await this.ledger.noteMade(found.route, answer.body, answer.by, caller);
    return answer;
  }

  private refuseTooLarge(bytes: number): void {
    const { maxUploadBytes } = this.config.server;
    if (!(bytes > maxUploadBytes)) return;
    const text = `The file is larger than the ${maxUploadBytes} bytes that are taken.`;
    throw new DomainError('request_too_large', text);
  }
}

const commandsIn = (headers: IncomingHttpHeaders): readonly string[] =>
  String(headers['x-goog-upload-command'] ?? '')
    .toLowerCase()
    .split(',')
    .map((command) => command.trim());

/** What of a request's headers is about its upload. */
function uploadHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-goog-upload-') || typeof value !== 'string') continue;
    if (value.length > longestHeader) {
      throw wrongHeader(name.slice('x-goog-upload-'.length), `has more than ${longestHeader} characters`);
    }
    picked[name] = value;
  }
  return picked;
}

const hasNoBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

function wrongHeader(name: string, fault: string): DomainError {
  const header = `x-goog-upload-${name}`;
  return new DomainError('invalid_request', `The header ${header} ${fault}.`, { field: header });
}
