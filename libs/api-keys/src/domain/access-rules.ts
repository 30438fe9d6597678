/** Names that may and may not be used; `deny` wins, an empty `allow` means all, `*` at the end matches any rest. */
export interface NameRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** What a key may reach. */
export interface AccessRules {
  /** Model names as callers write them, and `provider/model` as routes resolve them. */
  readonly models: NameRules;
  readonly providers: NameRules;
}

/** Whether `deny` does not and `allow` does have one of the names of a thing. */
const permits = ({ allow, deny }: NameRules, ...names: readonly string[]): boolean =>
  !names.some((name) => hasName(deny, name)) &&
  (allow.length === 0 || names.some((name) => hasName(allow, name)));

/**
 * The models and providers a key may reach. A model is told by the name the caller wrote and by where that leads, both
 * compared exactly. A denied name is denied in every form; an allowed one opens what it names: the name of a route all its
 * targets, `provider/model` that target, by whatever route.
 */
export class AccessPermit {
  private constructor(private readonly rules: AccessRules) {}

  /** @returns `null` when there is no rule: everything may be reached, and nothing need be looked at */
  static of(rules: AccessRules): AccessPermit | null {
    const lists = [rules.models.allow, rules.models.deny, rules.providers.allow, rules.providers.deny];
    return lists.every(({ length }) => length === 0) ? null : new AccessPermit(rules);
  }

  /**
   * Whether a call may go to one target.
   *
   * @param asked the model as the caller named it
   * @param provider where it leads
   * @param model the model's name there
   */
  reaches(asked: string, provider: string, model: string): boolean {
    const { models, providers } = this.rules;
    return (
      permits(providers, provider) &&
      !hasName(models.deny, model) &&
      permits(models, asked, `${provider}/${model}`)
    );
  }

  /** Whether anything of a provider may be reached. */
  reachesProvider(provider: string): boolean {
    return permits(this.rules.providers, provider);
  }

  /** Whether a name may be known to the caller though nothing serves it. */
  knows(asked: string): boolean {
    return permits(this.rules.models, asked);
  }
}

function hasName(patterns: readonly string[], name: string): boolean {
  for (const pattern of patterns) {
    if (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name) return true;
  }
  return false;
}
