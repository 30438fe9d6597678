import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asId, Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { ApiKeySnapshot, type VerifiableKey } from './api-key-snapshot.js';
import { issueKey } from './domain/key-format.js';
import { LastUses } from './last-uses.js';
import { RootSecret } from './root-secret.js';
import { SnapshotApiKeyVerifier } from './snapshot-api-key-verifier.js';

const peppers = KeyPeppers.of([
  { id: 'new', material: new Secret(randomBytes(32).toString('base64')) },
  { id: 'old', material: new Secret(randomBytes(32).toString('base64')) },
]);
const nowMs = 1_000_000;

function setUp({ pepperId = 'new', expiresAtMs = Infinity, root = null as string | null } = {}) {
  const issued = issueKey('live', randomBytes);
  const presented = issued.secret.reveal();
  const key: VerifiableKey = {
    caller: {
      weight: 1,
      apiKeyId: asId<'ApiKey'>('id-1'),
      name: 'team',
      scopes: new Set(['call'] as const),
      models: { allow: [], deny: [] },
      providers: { allow: [], deny: [] },
      permit: null,
      tagRules: null,
      addresses: null,
      meter: null,
    },
    hash: peppers.digest(pepperId, presented) ?? randomBytes(32),
    pepperId,
    expiresAtMs,
    proven: null,
  };
  const snapshot = new ApiKeySnapshot();
  snapshot.replace(new Map([[issued.keyId, key]]));
  const clock = { nowMs: () => nowMs };
  const lastUses = new LastUses();
  const rootSecret = new RootSecret(root === null ? null : new Secret(root));
  const verifier = new SnapshotApiKeyVerifier(snapshot, peppers, rootSecret, lastUses, clock);
  return { verifier, presented, issued, key, snapshot, lastUses };
}

describe('verifying a presented key', () => {
  it('gives the caller of a key in the snapshot, and notes the use', () => {
    const { verifier, presented, key, lastUses } = setUp();
    expect(verifier.verify(presented)).toBe(key.caller);
    expect([...lastUses.take()]).toEqual([['id-1', nowMs]]);
  });

  it('accepts keys hashed with an older pepper', () => {
    const { verifier, presented, key } = setUp({ pepperId: 'old' });
    expect(verifier.verify(presented)).toBe(key.caller);
  });

  it('refuses a key whose pepper is gone', () => {
    const { verifier, presented } = setUp({ pepperId: 'lost' });
    expect(verifier.verify(presented)).toBeNull();
  });

  it('refuses a well-formed key that has the id of a known one', () => {
    const { verifier, presented, snapshot, key, lastUses } = setUp();
    const forged = issueKey('live', randomBytes);
    snapshot.replace(new Map([[forged.keyId, key]]));
    expect(verifier.verify(forged.secret.reveal())).toBeNull();
    expect(verifier.verify(presented)).toBeNull();
    expect(lastUses.take().size).toBe(0);
  });

  it('refuses a key from the very millisecond it expires', () => {
    const last = setUp({ expiresAtMs: nowMs + 1 });
    const over = setUp({ expiresAtMs: nowMs });
    expect(last.verifier.verify(last.presented)).toBe(last.key.caller);
    expect(over.verifier.verify(over.presented)).toBeNull();
    expect(over.lastUses.take().size).toBe(0);
  });

  it('refuses a key once the snapshot has lost it', () => {
    const { verifier, presented, snapshot } = setUp();
    snapshot.replace(new Map());
    expect(verifier.verify(presented)).toBeNull();
  });

  it('names whose a refused key is, expired or revoked, and nobody for a text that only bears its id', () => {
    const { verifier, presented, snapshot, key } = setUp({ expiresAtMs: nowMs });
    expect(verifier.ownerOfRefused(presented)).toBe('id-1');
    const keyId = presented.split('_')[2] ?? '';
    const { hash, pepperId } = key;
    snapshot.replace(new Map(), new Map([[keyId, { apiKeyId: asId<'ApiKey'>('id-1'), hash, pepperId }]]));
    expect(verifier.ownerOfRefused(presented)).toBe('id-1');
    expect(verifier.verify(presented)).toBeNull();
    const forged = issueKey('live', randomBytes);
    snapshot.replace(new Map([[forged.keyId, key]]));
    for (const text of [forged.secret.reveal(), presented, 'nonsense', ''])
      expect(verifier.ownerOfRefused(text)).toBeNull();
  });

  it('goes on refusing what is wrong, and accepting what is right, once the key was proven', () => {
    const { verifier, presented, key } = setUp();
    for (let round = 0; round < 3; round += 1) {
      expect(verifier.verify(presented)).toBe(key.caller);
      for (let at = 0; at < presented.length; at += 1) {
        const wrong = presented[at] === 'x' ? 'y' : 'x';
        expect(verifier.verify(presented.slice(0, at) + wrong + presented.slice(at + 1))).toBeNull();
      }
      expect(verifier.verify(` ${presented}`)).toBeNull();
      expect(verifier.verify(`x${presented}`)).toBeNull();
    }
  });

  it('refuses a key that was proven from the millisecond it expires, and after its hash was changed', () => {
    const { verifier, presented, key, issued, snapshot } = setUp();
    expect(verifier.verify(presented)).toBe(key.caller);
    snapshot.replace(new Map([[issued.keyId, { ...key, proven: key.proven, expiresAtMs: nowMs }]]));
    expect(verifier.verify(presented)).toBeNull();
    snapshot.replace(new Map([[issued.keyId, { ...key, proven: null, hash: randomBytes(32) }]]));
    expect(verifier.verify(presented)).toBeNull();
  });

  it('proves a key once, however often it is presented', () => {
    const { verifier, presented, key } = setUp();
    verifier.verify(presented);
    const proven = key.proven;
    expect(proven).not.toBeNull();
    verifier.verify(presented);
    expect(key.proven).toBe(proven);
  });

  it('remembers nothing of a text that is not the key', () => {
    const { verifier, key, snapshot } = setUp();
    const forged = issueKey('live', randomBytes);
    snapshot.replace(new Map([[forged.keyId, key]]));
    verifier.verify(forged.secret.reveal());
    expect(key.proven).toBeNull();
  });

  it('refuses everything before the first snapshot', () => {
    const { presented } = setUp();
    const empty = new ApiKeySnapshot();
    const clock = { nowMs: () => nowMs };
    const verifier = new SnapshotApiKeyVerifier(empty, peppers, new RootSecret(null), new LastUses(), clock);
    expect(verifier.verify(presented)).toBeNull();
    expect(empty.isLoaded).toBe(false);
  });

  it('refuses any text that is no issued key, and keeps nothing of it', () => {
    const { verifier, lastUses } = setUp({ root: 'r'.repeat(32) });
    const wellFormed = fc.noShrink(fc.nat()).map(() => issueKey('live', randomBytes).secret.reveal());
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), wellFormed), (text) => {
        expect(verifier.verify(text)).toBeNull();
      }),
    );
    expect(lastUses.take().size).toBe(0);
  });
});

describe('the holder of a key, without the key', () => {
  it('is told as long as any secret of the key is good', () => {
    const { verifier, snapshot, key } = setUp();
    const ending = (expiresAtMs: number) => ({ ...key, expiresAtMs });
    snapshot.replace(
      new Map(Object.entries({ old: ending(nowMs), young: ending(nowMs + 1), older: ending(0) })),
    );
    expect(verifier.holder(key.caller.apiKeyId)).toBe(key.caller);
    snapshot.replace(new Map(Object.entries({ old: ending(nowMs), older: ending(0) })));
    expect(verifier.holder(key.caller.apiKeyId)).toBeNull();
  });

  it('is nobody once the snapshot has lost the key, nor before the first snapshot', () => {
    const { verifier, snapshot, key } = setUp();
    snapshot.replace(new Map());
    expect(verifier.holder(key.caller.apiKeyId)).toBeNull();
    expect(verifier.holder(asId<'ApiKey'>('never'))).toBeNull();
  });
});

describe('the root admin secret', () => {
  const secret = 'correct horse battery staple, 32+';

  it('has every scope and no id', () => {
    const caller = setUp({ root: secret }).verifier.verify(secret);
    expect(caller).toMatchObject({ apiKeyId: null, name: 'root' });
    expect(caller?.scopes.size).toBe(5);
  });

  it('may have the form of a key', () => {
    const text = issueKey('live', randomBytes).secret.reveal();
    expect(setUp({ root: text }).verifier.verify(text)?.apiKeyId).toBeNull();
  });

  it('is recognised beyond ASCII, whether a client sends it as UTF-8 or as Latin-1', () => {
    const text = 'geheimer Schlüssel für alle Zwecke';
    const { verifier } = setUp({ root: text });
    expect(verifier.verify(text)).not.toBeNull();
    expect(verifier.verify(Buffer.from(text).toString('latin1'))).not.toBeNull();
  });

  it.each([secret.slice(0, -1), `${secret}.`, secret.toUpperCase(), ''])('is not %p', (text) => {
    expect(setUp({ root: secret }).verifier.verify(text)).toBeNull();
  });

  it('is refused when it has fewer than 32 characters, without showing it', () => {
    expect(() => new RootSecret(new Secret('short-admin-secret'))).toThrow(/18 characters.*at least 32$/);
  });
});
