import { Inject, Injectable } from '@nestjs/common';
import type { ObjectKind } from '#ai-provider';
import { keptMs, Pins, type AnsweredBy, type Pin } from '#ai-routing';
import type { Caller } from '#api-keys';
import { CLOCK, type Clock } from '#kernel';
import { newPin } from './object-bindings.js';
import type { ObjectRoute } from './object-routes.js';

/** What lists show of a thing; of a larger one they show the id. */
const longestBody = 16_384;
const idPattern = /^[A-Za-z0-9][\w.:-]{0,255}$/;
/** Files that a batch makes. */
const madeFiles = ['output_file_id', 'error_file_id'] as const;

/** What an answer told of a thing. */
type Told = Readonly<Record<string, unknown>>;

/** Keeps book of what providers tell of the things they keep. */
@Injectable()
export class ObjectLedger {
  constructor(
    private readonly pins: Pins,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Something new was made; resolves when it is remembered. */
  async noteMade(
    { kind }: ObjectRoute,
    body: Buffer,
    by: AnsweredBy,
    { apiKeyId: owner }: Caller,
  ): Promise<void> {
    const told = readTold(kind, body);
    const { provider, accountId } = by;
    if (told === null || provider === null || accountId === null) return;
    const id = idOf(kind, told);
    if (!isId(id)) return;
    const pin = newPin({ kind, id, provider, accountId, owner }, this.clock.nowMs(), shown(told));
    await this.remember({ ...pin, expiresAtMs: endOf(pin, told) }, told);
  }

  /** Something was shown, or changed. */
  async noteTold(pin: Pin, body: Buffer): Promise<Pin> {
    const told = readTold(pin.kind, body);
    if (told === null || idOf(pin.kind, told) !== pin.id) return pin;
    const renewed = { ...pin, body: shown(told), expiresAtMs: endOf(pin, told) };
    await this.remember(renewed, told);
    return renewed;
  }

  /** Something was deleted. */
  async noteGone(pin: Pin): Promise<void> {
    await this.pins.forget(pin);
  }

  /** With a batch come the files it has made: they lie where it lies, and belong to whom it belongs. */
  private async remember(pin: Pin, told: Told): Promise<void> {
    const made = pin.kind === 'batches' ? madeFiles.map((name) => told[name]).filter(isId) : [];
    const { provider, accountId, owner } = pin;
    const nowMs = this.clock.nowMs();
    const files = made.map((id) => newPin({ kind: 'files', id, provider, accountId, owner }, nowMs));
    await Promise.all(
      [pin, ...files.filter((file) => this.pins.known('files', file.id, file) === null)].map((each) =>
        this.pins.remember(each),
      ),
    );
  }
}

/**
 * A file or cache may say itself when it ends, in seconds since the epoch or as an instant; the end that a batch tells is that of
 * its work.
 */
function endOf({ kind, createdAtMs, expiresAtMs }: Pin, told: Told): number {
  const name = endNames[kind];
  const end = name === undefined ? undefined : told[name];
  const endMs = typeof end === 'number' ? end * 1000 : Date.parse(String(end));
  return Number.isNaN(endMs) ? expiresAtMs : Math.min(endMs, createdAtMs + keptMs[kind]);
}

const endNames: Readonly<Partial<Record<ObjectKind, string>>> = {
  files: 'expires_at',
  gemini_files: 'expirationTime',
  gemini_caches: 'expireTime',
};

/** Gemini calls things by their collection: `files/abc`. */
function idOf(kind: ObjectKind, told: Told): unknown {
  const { id, name } = told;
  if (kind !== 'gemini_files' && kind !== 'gemini_caches') return id;
  return typeof name === 'string' ? name.slice(name.indexOf('/') + 1) : undefined;
}

function readTold(kind: ObjectKind, body: Buffer): Told | null {
  try {
    const answer: unknown = JSON.parse(body.toString());
    const told = isTold(answer) && kind === 'gemini_files' ? (answer['file'] ?? answer) : answer;
    return isTold(told) ? told : null;
  } catch {
    return null;
  }
}

const isTold = (value: unknown): value is Told =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is string => typeof value === 'string' && idPattern.test(value);

const shown = (told: Told): Told | null => (JSON.stringify(told).length <= longestBody ? told : null);
