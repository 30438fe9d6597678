import type { Conversation, Nameable } from './conversation.js';

/**
 * Something of a request cannot be said in another wire format. Thrown inside the translation, handed out of it as a
 * value.
 */
export class Untranslatable extends Error {
  /**
   * @param field as the caller wrote it, for example `messages[1].content[0]`
   * @param reason the end of a sentence that begins with the field
   */
  constructor(
    readonly field: string,
    reason = 'cannot be carried to a provider of another protocol',
  ) {
    super(`'${field}' ${reason}.`);
  }
}

/** Refuses a setting by the name the caller knows. */
export const uncarried = ({ names }: Conversation, what: Nameable, reason?: string): Untranslatable =>
  new Untranslatable(names[what], reason);
