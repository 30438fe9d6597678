import type { Secret } from '#kernel';
import { isRecord, parseJson } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';

/** A credential that cannot be used. Its message reads on from "credential" and never shows what stands in it. */
export class CredentialFault extends Error {}

/**
 * Makes a reader of credentials that takes each apart once: what it found is remembered as long as the credential lives.
 *
 * @param parse throws {@link CredentialFault}; what is secret of its result is wrapped again
 */
export function credentialReader<Parsed extends object>(
  parse: (text: string) => Parsed,
): (credential: Secret) => Parsed {
  const known = new WeakMap<Secret, Parsed>();
  return (credential) => {
    const found = known.get(credential);
    if (found !== undefined) return found;
    const parsed = parse(credential.reveal());
    known.set(credential, parsed);
    return parsed;
  };
}

/**
 * The members of a credential in JSON; `null` when it is a bare key.
 *
 * @throws CredentialFault for text that begins like JSON and is none
 */
export function credentialMembers(text: string): JsonRecord | null {
  if (!text.trimStart().startsWith('{')) return null;
  const members = parseJson(text);
  if (!isRecord(members)) throw new CredentialFault('begins like JSON and is none');
  return members;
}

/**
 * The text of a member that there must be.
 *
 * @throws CredentialFault naming the member
 */
export function requiredText(members: JsonRecord, name: string): string {
  const text = optionalText(members, name);
  if (text === null) throw new CredentialFault(`lacks "${name}"`);
  return text;
}

/**
 * The text of a member; `null` when there is none.
 *
 * @throws CredentialFault naming the member when it is something else than text, or is empty
 */
export function optionalText(members: JsonRecord, name: string): string | null {
  const text = members[name] ?? null;
  if (text === null) return null;
  if (typeof text !== 'string' || text.trim() === '')
    throw new CredentialFault(`must have "${name}" as text`);
  return text.trim();
}

/**
 * The text of a member that becomes part of an address: a region, the name of a resource; `null` when there is none.
 *
 * @throws CredentialFault naming the member when it is made of anything but a-z, 0-9 and `-`
 */
export function optionalLabel(members: JsonRecord, name: string): string | null {
  const text = optionalText(members, name);
  if (text === null || /^[a-z0-9-]{1,63}$/.test(text)) return text;
  throw new CredentialFault(`must have a "${name}" made of a-z, 0-9 and "-"`);
}

/** What {@link CredentialFault} a reading throws, for people; `null` when it throws none. */
export function faultOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof CredentialFault) return error.message;
    throw error;
  }
}
