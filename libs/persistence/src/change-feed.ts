/** A group of tables that one in-memory snapshot is made from. */
export type ChangeTopic = 'providers' | 'accounts' | 'routes' | 'api_keys';

/**
 * Tells when configuration changed in the database, whoever changed it: by LISTEN/NOTIFY within 1 s, by a poll of
 * version counters within 5 s when notifications are lost.
 */
export abstract class ChangeFeed {
  /**
   * Calls back after each change of one of the topics; changes that come together are merged. A callback that rejects
   * is logged and called again at the next poll.
   *
   * @returns a function that ends the subscription
   */
  abstract subscribe(topics: readonly ChangeTopic[], onChange: () => Promise<void>): () => void;
  /** Looks for changes now; resolves when the callbacks of what was found are done. For read-your-own-write in admin calls. */
  abstract refresh(): Promise<void>;
}
