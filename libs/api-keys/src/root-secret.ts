import type { Secret } from '#kernel';
import { scopes, type Caller } from './caller.js';
import { TextDigest } from './text-digest.js';

const minLength = 32;

/**
 * The root admin secret of the environment (`ADMIN_API_KEY`): any text, compared in constant time through a hash that
 * hides its length. It has every scope and no id.
 */
export class RootSecret {
  static readonly #caller: Caller = Object.freeze({
    apiKeyId: null,
    name: 'root',
    scopes: new Set(scopes),
    weight: 1,
    models: Object.freeze({ allow: [], deny: [] }),
    providers: Object.freeze({ allow: [], deny: [] }),
    permit: null,
    tagRules: null,
    addresses: null,
    meter: null,
  });
  readonly #forms: readonly TextDigest[];

  /**
   * @param secret at least 32 characters; `null`: there is none and nothing matches
   * @throws RangeError when it is shorter
   */
  constructor(secret: Secret | null) {
    const text = secret?.reveal() ?? null;
    if (text !== null && text.length < minLength) {
      throw new RangeError(`the admin key has ${text.length} characters, it needs at least ${minLength}`);
    }
    // Node reads header bytes as Latin-1: a client that sends UTF-8 is recognised by the second form.
    // In ASCII they are one, and a presented text is hashed once.
    const forms = text === null ? [] : [text, Buffer.from(text).toString('latin1')];
    this.#forms = [...new Set(forms)].map((form) => new TextDigest(form));
  }

  /** @returns the caller with every scope, or `null` when the text is not the secret */
  verify(presented: string): Caller | null {
    return this.#forms.some((form) => form.matches(presented)) ? RootSecret.#caller : null;
  }
}
