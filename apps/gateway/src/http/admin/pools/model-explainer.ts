import { Injectable } from '@nestjs/common';
import { RouteTable } from '#ai-routing';
import { AccessPermit, ApiKeysService, type ApiKeyView } from '#api-keys';
import { priceOf } from '#billing';
import { DomainError } from '#kernel';
import { AccountScheduler, type PoolExplanation } from '#provider-account-pool';
import type { ExplainDto } from './pool.dto.js';

/** One target of a route in the light of a call. */
export interface ExplainedTarget extends PoolExplanation {
  /** 1 is tried first. */
  readonly tier: number;
  /** The model's name at the provider. */
  readonly model: string;
  /** Share of such calls that this target would answer now, in [0, 1]. */
  readonly share: number;
}

/** What a caller would get now: as from the pools, but 401 when its key is not in force, 403 when it may not. */
export interface CallersAnswer {
  readonly status: 200 | 401 | 403 | 429 | 503;
  readonly retryAfterSeconds?: number;
}

/** What would become of a call: at the target that would answer it, and at all others. */
export interface ModelExplanation extends Omit<PoolExplanation, 'wouldAnswer'> {
  readonly wouldAnswer: CallersAnswer;
  readonly targets: readonly ExplainedTarget[];
}

/** Says what a caller would get for a model, by the rules of the relay; changes nothing. */
@Injectable()
export class ModelExplainer {
  constructor(
    private readonly scheduler: AccountScheduler,
    private readonly routes: RouteTable,
    private readonly apiKeys: ApiKeysService,
  ) {}

  /** @throws DomainError `not_found` for the pool or the key, `model_not_found` */
  async explain(request: ExplainDto): Promise<ModelExplanation> {
    const key = request.apiKeyId === undefined ? null : await this.apiKeys.get(request.apiKeyId);
    const all = this.targets(request);
    const reachable = key === null ? all : reachableBy(key, all, request);
    const targets = withShares(all, reachable);
    const serving = targets.find(({ share }) => share > 0) ?? (targets[0] as ExplainedTarget);
    const { provider, accounts } = serving;
    return { provider, accounts, wouldAnswer: barred(key, reachable) ?? bestOf(reachable), targets };
  }

  private targets({ provider, model, estimatedTokens, apiKeyId }: ExplainDto): Weighted[] {
    const tiers = provider === undefined ? this.routes.plan(model) : [[{ provider, model, weight: 1 }]];
    if (tiers === null) {
      throw new DomainError('model_not_found', `The model '${model}' does not exist.`, { field: 'model' });
    }
    return tiers.flatMap((tier, at) =>
      tier.map(({ weight, ...target }) => {
        const price = priceOf(target.provider, target.model);
        const explained = this.scheduler.explain({
          ...target,
          estimatedTokens,
          callerId: apiKeyId ?? null,
          price,
        });
        return { ...explained, tier: at + 1, model: target.model, weight, share: 0 };
      }),
    );
  }
}

/** Which targets the relay would let a key reach. */
function reachableBy<Target extends ExplainedTarget>(
  key: ApiKeyView,
  targets: readonly Target[],
  { provider, model }: ExplainDto,
): readonly Target[] {
  const permit = AccessPermit.of(key);
  const asked = provider === undefined ? model : `${provider}/${model}`;
  return permit === null
    ? targets
    : targets.filter((target) => permit.reaches(asked, target.provider, target.model));
}

function barred(key: ApiKeyView | null, reachable: readonly unknown[]): CallersAnswer | null {
  if (key === null) return null;
  if (key.state !== 'active') return { status: 401 };
  return key.scopes.includes('call') && reachable.length > 0 ? null : { status: 403 };
}

type Weighted = ExplainedTarget & { readonly weight: number };

/** The targets of a tier are tried in an order drawn by weight, so those that can answer share by weight. */
function withShares(targets: readonly Weighted[], reachable: readonly Weighted[]): ExplainedTarget[] {
  const serving = reachable.filter(({ wouldAnswer }) => wouldAnswer.status === 200);
  const lowest = Math.min(...serving.map(({ tier }) => tier));
  const sharing = serving.filter(({ tier }) => tier === lowest);
  const total = sharing.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map((target) => {
    const { weight, ...rest } = target;
    return { ...rest, share: sharing.includes(target) ? weight / total : 0 };
  });
}

/** The soonest answer of any target: a call that one refuses goes on to the next. */
function bestOf(targets: readonly ExplainedTarget[]): CallersAnswer {
  const answers = targets.map(({ wouldAnswer }) => wouldAnswer);
  if (answers.some(({ status }) => status === 200)) return { status: 200 };
  const waits = answers.filter(({ status }) => status === 429);
  if (waits.length === 0) return { status: 503 };
  const seconds = waits.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
  return seconds.length === 0 ? { status: 429 } : { status: 429, retryAfterSeconds: Math.min(...seconds) };
}
