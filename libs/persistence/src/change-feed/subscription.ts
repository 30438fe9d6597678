import type { ChangeTopic } from '../change-feed.js';
import type { TopicVersions } from './topic-versions.js';

/** One subscriber and the versions it has taken in. */
export class Subscription {
  /** Versions at the last call that succeeded; `null` before the first. */
  #taken: string | null = null;

  constructor(
    private readonly topics: readonly ChangeTopic[],
    private readonly onChange: () => Promise<void>,
    private readonly onFailure: (error: unknown, topics: readonly ChangeTopic[]) => void,
  ) {}

  /** Calls back when the versions differ from those taken in. A failure leaves them, so that the next look calls again. */
  async take(versions: TopicVersions): Promise<void> {
    const seen = this.topics.map((topic) => versions.get(topic) ?? '0').join();
    if (seen === this.#taken) return;
    try {
      await this.onChange();
      this.#taken = seen;
    } catch (error) {
      this.onFailure(error, this.topics);
    }
  }
}
