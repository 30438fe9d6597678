/** One thing wrong in the environment. */
export interface ConfigurationFault {
  /** Name of the variable. */
  readonly name: string;
  /** What is wrong and what would be right. Quotes no value that could be a secret. */
  readonly message: string;
}

/** The environment is not usable. Lists every fault, so that one start shows them all. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly ConfigurationFault[]) {
    super(faults.map(({ name, message }) => `${name} ${message}`).join('\n'));
  }
}
