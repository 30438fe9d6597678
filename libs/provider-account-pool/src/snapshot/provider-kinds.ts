import { Inject, Injectable } from '@nestjs/common';
import { ProviderRegistry, type ProviderAdapter } from '#ai-provider';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';

/** The kinds of providers this process can talk to, and where each lives. */
@Injectable()
export class ProviderKinds {
  constructor(
    private readonly registry: ProviderRegistry,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
  ) {}

  /** `null` for an unknown kind. */
  readonly adapterOf = (kind: string): ProviderAdapter | null => this.registry.get(kind) ?? null;

  /** `<PROVIDER>_BASE_URL` if set, else the kind's own; `null` where an operator must give one. */
  readonly baseUrlOf = (kind: string): string | null =>
    this.options.baseUrls?.[kind] ?? this.adapterOf(kind)?.defaultBaseUrl ?? null;
}
