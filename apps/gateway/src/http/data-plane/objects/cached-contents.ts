import { Injectable } from '@nestjs/common';
import { RouteTable } from '#ai-routing';
import type { Caller } from '#api-keys';
import { DomainError } from '#kernel';
import type { ObjectAccount } from '#provider-account-pool';
import { requireText, type JsonObject } from '../read-json.js';
import { referencesInGemini } from './gemini-references.js';
import { ObjectBindings } from './object-bindings.js';
import { ObjectPlaces } from './object-places.js';

/** A cache ready to be made. */
export interface PlannedCache {
  readonly body: Buffer;
  /** Whom to ask, in order. */
  readonly accounts: readonly ObjectAccount[];
}

const kind = 'gemini_caches';

/** Finds out where a cache of Gemini is to be made: it is for one model, and lies where the files in it lie. */
@Injectable()
export class CachedContents {
  constructor(
    private readonly routes: RouteTable,
    private readonly places: ObjectPlaces,
    private readonly bindings: ObjectBindings,
  ) {}

  /**
   * Models are named as in calls: by a route, of which the first target counts that can keep caches, or `provider/model`.
   *
   * @param body as it came; it is changed where the provider calls the model otherwise
   * @param provider `x-pool-provider`: of a route, this target
   * @throws DomainError as for calls of a model, and as {@link ObjectBindings.of}
   */
  async plan(
    json: JsonObject,
    body: Buffer,
    provider: string | undefined,
    caller: Caller,
  ): Promise<PlannedCache> {
    const asked = requireText(json, 'model').replace(/^models\//, '');
    const tiers = this.routes.reachable(asked, caller);
    if (tiers instanceof DomainError) throw tiers;
    const bound = await this.bindings.of(referencesInGemini(json), caller);
    const wanted = bound?.provider ?? provider;
    const target = tiers
      .flat()
      .find((each) => (wanted ?? each.provider) === each.provider && this.places.keeps(each.provider, kind));
    if (target === undefined) throw servedElsewhere(asked);
    const model = `models/${target.model}`;
    return {
      body: json['model'] === model ? body : Buffer.from(JSON.stringify({ ...json, model })),
      accounts:
        bound === undefined
          ? this.places.candidates(target.provider, kind)
          : [this.places.holder(bound, kind)],
    };
  }
}

const servedElsewhere = (model: string): DomainError =>
  new DomainError('invalid_request', `No provider that keeps caches serves the model '${model}' here.`, {
    field: 'model',
  });
