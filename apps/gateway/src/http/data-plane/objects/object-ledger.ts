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
    const told = readTold(body);
    const { provider, accountId } = by;
    if (told === null || provider === null || accountId === null || !isId(told['id'])) return;
    const pin = newPin({ kind, id: told['id'], provider, accountId, owner }, this.clock.nowMs(), shown(told));
    await this.remember({ ...pin, expiresAtMs: this.endOf(kind, told, pin) }, told);
  }

  /** Something was shown, or changed. */
  async noteTold(pin: Pin, body: Buffer): Promise<Pin> {
    const told = readTold(body);
    if (told === null || told['id'] !== pin.id) return pin;
    const renewed = { ...pin, body: shown(told) };
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

  /** A file may say itself when it ends, seconds since the epoch; the end that a batch tells is that of its work. */
  private endOf(kind: ObjectKind, told: Told, pin: Pin): number {
    const seconds = kind === 'files' ? told['expires_at'] : null;
    return typeof seconds === 'number'
      ? Math.min(seconds * 1000, pin.createdAtMs + keptMs[kind])
      : pin.expiresAtMs;
  }
}

function readTold(body: Buffer): Told | null {
  try {
    const told: unknown = JSON.parse(body.toString());
    return typeof told === 'object' && told !== null && !Array.isArray(told) ? (told as Told) : null;
  } catch {
    return null;
  }
}

const isId = (value: unknown): value is string => typeof value === 'string' && idPattern.test(value);

const shown = (told: Told): Told | null => (JSON.stringify(told).length <= longestBody ? told : null);
