import type { ObjectKind } from '#ai-provider';
import type { Pin, PinPage, PinSeeker } from './pin.js';

/** Where pins outlive the process. Port: Postgres, or nothing at all. */
export abstract class PinStore {
  /** Writes pins, all or none; of one that is there already account, end and body, if there is one, are replaced. */
  abstract save(pins: readonly Pin[]): Promise<void>;
  /** The newest of this id that the seeker may see. */
  abstract find(kind: ObjectKind, id: string, seeker: PinSeeker): Promise<Pin | null>;
  /** One page of what the seeker may see, in order of creation. */
  abstract list(kind: ObjectKind, seeker: PinSeeker, page: PinPage): Promise<readonly Pin[]>;
  abstract remove(kind: ObjectKind, id: string): Promise<void>;
  /** Rejects when pins cannot be written now. */
  abstract check(): Promise<void>;
  /**
   * Deletes pins whose time is over.
   *
   * @param most at once, >= 1
   * @returns how many were deleted
   */
  abstract prune(nowMs: number, most: number): Promise<number>;
}

/** Without a database pins live as long as the process remembers them. */
export class NoPinStore extends PinStore {
  async save(): Promise<void> {}

  async find(): Promise<null> {
    return null;
  }

  async list(): Promise<readonly Pin[]> {
    return [];
  }

  async remove(): Promise<void> {}

  async check(): Promise<void> {}

  async prune(): Promise<number> {
    return 0;
  }
}
