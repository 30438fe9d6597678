import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ObjectRelay, Pins, type Pin, type RelayAnswer } from '#ai-routing';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import type { ObjectAccount } from '#provider-account-pool';
import { forwardHeaders } from '../forward-headers.js';
import { readBody } from '../read-body.js';
import { readJsonObject, type JsonObject } from '../read-json.js';
import { FormUpload } from '../uploads/form-upload.js';
import { passOn } from '../uploads/pass-on.js';
import { ObjectRefresh } from './object-refresh.js';
import { GeminiUploads } from './gemini-uploads.js';
import { CachedContents } from './cached-contents.js';
import { readMessageBatch, refuseUnreadBatch } from './message-batch.js';
import { notFound, ObjectBindings, type ObjectReference } from './object-bindings.js';
import { isSuccess, type ObjectAsk } from './object-ask.js';
import { objectCall, type ObjectCallParts } from './object-call.js';
import { ObjectLedger } from './object-ledger.js';
import { listBody, readListRequest } from './object-listing.js';
import { ObjectPlaces } from './object-places.js';
import { inputFileOf } from './object-references.js';
import { objectPath } from './object-routes.js';
import { withOwnAddress } from './results-address.js';

type Parts = Pick<ObjectCallParts, 'body' | 'upload'>;

const noBody = Buffer.alloc(0);
const nobody = { attempts: 0, provider: null, accountId: null };

/** Sends each request for a kept thing to the account that keeps it, and keeps book of whose it is. */
@Injectable()
export class ObjectService {
  constructor(
    private readonly pins: Pins,
    private readonly relay: ObjectRelay,
    private readonly places: ObjectPlaces,
    private readonly bindings: ObjectBindings,
    private readonly ledger: ObjectLedger,
    private readonly caches: CachedContents,
    private readonly uploads: GeminiUploads,
    private readonly refresh: ObjectRefresh,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** @throws DomainError for everything that is the caller's to mend, and when nothing can be remembered */
  answer(ask: ObjectAsk): Promise<RelayAnswer> {
    switch (ask.found.route.does) {
      case 'create':
        return this.create(ask);
      case 'upload':
        return this.uploads.answer(ask);
      case 'list':
        return this.list(ask);
      case 'read':
      case 'change':
      case 'delete':
        return this.askHolder(ask);
    }
  }

  /** What could not be remembered is not made: nobody could ever reach it. */
  private async create(ask: ObjectAsk): Promise<RelayAnswer> {
    const { found, caller } = ask;
    await this.pins.check();
    const { accounts, ...parts } = await this.plan(ask);
    const answer = await this.send(ask, accounts, parts);
    if (isSuccess(answer)) await this.ledger.noteMade(found.route, answer.body, answer.by, caller);
    return answer;
  }

  /** Reads what is to be made, and finds out whom to ask for it. */
  private async plan(ask: ObjectAsk): Promise<Parts & { readonly accounts: readonly ObjectAccount[] }> {
    const { found, request, caller } = ask;
    const { kind } = found.route;
    const header = request.headers['x-pool-provider'];
    const named = typeof header === 'string' ? header : undefined;
    if (kind === 'gemini_caches') {
      const { body, json } = await this.readJson(request);
      return this.caches.plan(json, body, named, caller);
    }
    const provider = this.places.providerFor(found.route, named, caller);
    const { references, ...parts } = await this.read(ask, provider);
    const bound = await this.bindings.of(references, caller);
    const accounts =
      bound === undefined ? this.places.candidates(provider, kind) : [this.places.holder(bound, kind)];
    return { ...parts, accounts };
  }

  private async read(
    { found: { route }, request, response, caller, open }: ObjectAsk,
    provider: string,
  ): Promise<Parts & { readonly references: readonly ObjectReference[] }> {
    const { maxBodyBytes, maxUploadBytes } = this.config.server;
    if (route.body === 'form') {
      const contentType = request.headers['content-type'] ?? '';
      const bounds = { maxBytes: maxUploadBytes, maxKeptBytes: maxBodyBytes };
      const upload = await FormUpload.open(request, contentType, false, bounds);
      passOn(upload, open, response);
      return { upload, references: [] };
    }
    if (route.kind === 'batches') refuseUnreadBatch(caller);
    const { body, json } = await this.readJson(request);
    if (route.kind === 'message_batches') return readMessageBatch(json, body, provider, caller);
    return { body, references: inputFileOf(json) };
  }

  private async readJson(request: IncomingMessage): Promise<{ body: Buffer; json: JsonObject }> {
    const body = await readBody(request, this.config.server.maxBodyBytes);
    return { body, json: readJsonObject(body, request.headers['content-type'] ?? '') };
  }

  private async list({ found: { route, query }, caller, open }: ObjectAsk): Promise<RelayAnswer> {
    const request = readListRequest(route, query);
    const pins = await this.pins.list(route.kind, { owner: caller.apiKeyId }, request.page);
    const shown = await this.refresh.renewed(route, pins, open.abort);
    const body = Buffer.from(JSON.stringify(listBody(route, request, shown)));
    return {
      kind: 'complete',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body,
      by: nobody,
    };
  }

  private async askHolder(ask: ObjectAsk): Promise<RelayAnswer> {
    const { id, route } = ask.found;
    const pin = await this.pins.find(route.kind, id, { owner: ask.caller.apiKeyId });
    if (pin === null) throw notFound(route.kind, id);
    const body =
      route.does === 'change' ? await readBody(ask.request, this.config.server.maxBodyBytes) : noBody;
    const answer = await this.send(ask, [this.places.holder(pin)], { body });
    if (isSuccess(answer)) await this.note(route.does === 'delete', pin, answer.body);
    return answer;
  }

  private async note(isGone: boolean, pin: Pin, body: Buffer): Promise<void> {
    if (isGone) await this.ledger.noteGone(pin);
    else if (pin.kind !== 'responses') await this.ledger.noteTold(pin, body);
  }

  private async send(
    { found, request: { headers }, requestId, open }: ObjectAsk,
    accounts: readonly ObjectAccount[],
    parts: Parts,
  ): Promise<RelayAnswer> {
    const { wireFormat, kind, asBytes } = found.route;
    const call = objectCall({
      requestId,
      wireFormat,
      object: objectPath(found),
      contentType: headers['content-type'],
      forwardHeaders: forwardHeaders(headers),
      asBytes,
      ...parts,
    });
    const answer = await this.relay.relay({ call, accounts, signal: open.abort });
    return isSuccess(answer) ? { ...answer, body: withOwnAddress(kind, answer.body) } : answer;
  }
}
