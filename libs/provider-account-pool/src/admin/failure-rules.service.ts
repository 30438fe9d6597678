import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { DryRun, RecentFailure } from '#ai-provider';
import { DomainError, pageOf, readCursor, type Page, type PageRequest } from '#kernel';
import { ChangeFeed } from '#persistence';
import {
  completeRule,
  mostFailureRules,
  rulesInForce,
  type FailureRuleChange,
  type FailureRuleDraft,
  type FailureRuleView,
  type StoredFailureRule,
} from '../domain/failure-rule.js';
import { given } from '../domain/given.js';
import { FailureRuleRepository } from '../persistence/failure-rule-repository.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { ProvidersService } from './providers.service.js';

/**
 * Keeps what operators say about the failures of a provider. Reads come from memory; every change is in force in this process
 * when the call returns, and in every other within a second.
 */
@Injectable()
export class FailureRulesService {
  constructor(
    private readonly rows: FailureRuleRepository,
    private readonly providers: ProvidersService,
    private readonly directory: PoolDirectory,
    private readonly changes: ChangeFeed,
  ) {}

  /**
   * @throws DomainError `not_found` without the provider, `invalid_request` with every fault, or `conflict` when the name is
   *   taken or the provider has 100 rules
   */
  async create(providerId: string, draft: FailureRuleDraft): Promise<FailureRuleView> {
    const rule = completeRule(draft);
    if (this.rulesOf(providerId).length >= mostFailureRules) {
      throw new DomainError(
        'conflict',
        `The provider has ${mostFailureRules} failure rules, the most it may have.`,
      );
    }
    const id = randomUUIDv7();
    await this.rows.insert(id, providerId, rule);
    await this.changes.refresh();
    return this.get(providerId, id);
  }

  /** In the order in which they were made. @throws DomainError `not_found` without the provider */
  list(providerId: string, { limit, cursor }: PageRequest): Page<FailureRuleView> {
    const after = readCursor(cursor) ?? '';
    const rules = this.rulesOf(providerId).filter(({ id }) => id > after);
    return pageOf(rules.slice(0, limit + 1).map(viewOf), limit, ({ id }) => id);
  }

  /** @throws DomainError `not_found` */
  get(providerId: string, id: string): FailureRuleView {
    const rule = this.rulesOf(providerId).find((candidate) => candidate.id === id);
    if (rule === undefined) throw noSuchRule(id);
    return viewOf(rule);
  }

  /**
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `invalid_request`, or `conflict` when the rule has changed since, or the name is taken
   */
  async update(
    providerId: string,
    id: string,
    version: number,
    change: FailureRuleChange,
  ): Promise<FailureRuleView> {
    const present = this.get(providerId, id);
    const { name, match, class: failure, scope, cooldownSeconds, enabled, order } = present;
    const kept = { name, match, class: failure, scope, cooldownSeconds, enabled, order };
    const rule = completeRule({ ...kept, ...usualForClass(present, change), ...given(change) });
    // What is merged is good for this version alone, and the version is checked in the same statement.
    if (present.version !== version || !(await this.rows.update(id, version, rule))) {
      throw new DomainError('conflict', 'The failure rule has changed since it was read.');
    }
    await this.changes.refresh();
    return this.get(providerId, id);
  }

  /** @throws DomainError `not_found` */
  async remove(providerId: string, id: string): Promise<void> {
    this.get(providerId, id);
    if (!(await this.rows.remove(id))) throw noSuchRule(id);
    await this.changes.refresh();
  }

  /**
   * The last failures of a provider that this process saw, redacted, the newest first.
   *
   * @throws DomainError `not_found` without the provider
   */
  recentFailures(providerId: string): readonly RecentFailure[] {
    return this.directory.pool(this.providers.get(providerId).name)?.judge.recent() ?? [];
  }

  /**
   * What a rule would have changed about the recent failures, if it stood among the others, or in place of the one of its name.
   * Changes nothing.
   *
   * @throws DomainError `not_found` without the provider, `invalid_request` with every fault
   */
  dryRun(providerId: string, draft: FailureRuleDraft): DryRun {
    const rule = completeRule(draft);
    const present = this.rulesOf(providerId);
    const others = present.filter(({ name }) => name !== rule.name);
    const replaced = present.find(({ name }) => name === rule.name);
    const pool = this.directory.pool(this.providers.get(providerId).name);
    return (
      pool?.judge.dryRun(rulesInForce([...others, { ...replaced, ...rule }])) ?? { examined: 0, changed: [] }
    );
  }

  private rulesOf(providerId: string): readonly StoredFailureRule[] {
    const { id } = this.providers.get(providerId);
    return this.directory.snapshot.failureRules.get(id) ?? [];
  }
}

/** A rule that becomes one of another class takes what is usual there, unless the change says it. */
function usualForClass(present: FailureRuleView, { class: failure = present.class }: FailureRuleChange) {
  return failure === present.class ? {} : { scope: null, cooldownSeconds: null };
}

function viewOf({ providerId: _, ...view }: StoredFailureRule): FailureRuleView {
  return view;
}

const noSuchRule = (id: string): DomainError =>
  new DomainError('not_found', `There is no failure rule '${id}' of this provider.`);
