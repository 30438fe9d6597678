import type { AccountId } from '#kernel';
import type { ListClaim, ModelList } from './model-list.js';

/** What a reading came to. */
export type ListReading = Pick<ModelList, 'fault'> & { readonly models: readonly string[] | null };

/** Where lists of models outlive the process, and who reads them is decided. Port: Postgres, or nothing at all. */
export abstract class ModelListStore {
  /** Lists that changed after an earlier answer, and where to go on from. `null`: from the beginning. */
  abstract changes(since: string | null): Promise<{ lists: readonly ModelList[]; next: string | null }>;
  /** Claims up to `most` accounts whose list is due; those of new accounts are. */
  abstract claimDue(most: number): Promise<readonly ListClaim[]>;
  /** Claims one account now, due or not; `null` when somebody is reading its list. */
  abstract claim(accountId: AccountId): Promise<ListClaim | null>;
  /**
   * Writes what a reading came to; a failed one keeps the models that were known.
   *
   * @param restMs before this nobody reads the list again by the clock
   * @returns `false` when the claim was void: what was read is old news
   */
  abstract finish(claim: ListClaim, reading: ListReading, restMs: number): Promise<boolean>;
}

/** Without a database there are no accounts but those of the environment, which every process reads for itself. */
export class NoModelListStore extends ModelListStore {
  async changes(): Promise<{ lists: readonly ModelList[]; next: null }> {
    return { lists: [], next: null };
  }

  async claimDue(): Promise<readonly ListClaim[]> {
    return [];
  }

  async claim(): Promise<null> {
    return null;
  }

  async finish(): Promise<boolean> {
    return false;
  }
}
