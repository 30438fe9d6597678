import { Injectable } from '@nestjs/common';
import { CheckpointFile } from './checkpoints/checkpoint-file.js';
import { SigningKeys } from './checkpoints/signing-keys.js';
import { ChainCheck, type ChainEnd, type ChainFault } from './domain/chain-check.js';
import { genesisHash } from './domain/event-hash.js';
import { AuditRows } from './persistence/audit-rows.js';
import { SealRows } from './persistence/seal-rows.js';
import { isSealOurs } from './retention/seal.js';

/** What a check of the whole log came to. */
export interface Verification {
  readonly ok: boolean;
  /** Events that were read and found to be as they were written. */
  readonly checked: number;
  /** The first that was not; `null` when all are. */
  readonly firstBadSequence: number | null;
  /** Why; see {@link ChainFault}. */
  readonly reason: ChainFault['reason'] | null;
  /** Hash of the last event that is as it was written, hex. */
  readonly headHash: string;
  /** Signed checkpoints that were compared with the log, and lines that were refused since they prove nothing. */
  readonly checkpoints: {
    readonly used: number;
    readonly refused: number;
    readonly lastSequence: number | null;
  };
  /** Months that were archived and dropped, which signed seals stand for. */
  readonly seals: number;
}

/** Where the log in the database begins, or what is wrong with what was before. */
interface Beginning {
  readonly start: ChainEnd;
  readonly seals: number;
  readonly fault: ChainFault | null;
}

/** Checks that no event was changed, deleted, inserted or moved since it was written. */
@Injectable()
export class AuditVerifier {
  private running: Promise<Verification> | null = null;

  constructor(
    private readonly rows: AuditRows,
    private readonly sealRows: SealRows,
    private readonly file: CheckpointFile,
    private readonly keys: SigningKeys,
  ) {}

  /** Reads the whole log, in bounded memory. Whoever asks while a check runs gets what that comes to. */
  verify(): Promise<Verification> {
    this.running ??= this.check().finally(() => (this.running = null));
    return this.running;
  }

  private async check(): Promise<Verification> {
    const { checkpoints, refused } = await this.file.read();
    const { start, seals, fault: sealFault } = await this.beginning();
    const chain = new ChainCheck(start, checkpoints);
    const fault = sealFault ?? (await this.follow(chain));
    const lastSequence = checkpoints.at(-1)?.sequence ?? null;
    return {
      ok: fault === null,
      checked: chain.end.sequence - start.sequence,
      firstBadSequence: fault?.sequence ?? null,
      reason: fault?.reason ?? null,
      headHash: chain.end.hash,
      checkpoints: { used: checkpoints.length, refused, lastSequence },
      seals,
    };
  }

  private async follow(chain: ChainCheck): Promise<ChainFault | null> {
    for await (const batch of this.rows.all()) {
      for (const event of batch) {
        const fault = chain.take(event);
        if (fault !== null) return fault;
      }
    }
    return chain.finish();
  }

  private async beginning(): Promise<Beginning> {
    let start: ChainEnd = { sequence: 0, hash: genesisHash };
    const seals = await this.sealRows.all();
    for (const seal of seals) {
      const follows = seal.firstSequence === start.sequence + 1 && seal.previousHash === start.hash;
      if (!follows || !isSealOurs(seal, this.keys)) {
        const fault: ChainFault = { sequence: start.sequence + 1, reason: 'seal' };
        return { start, seals: seals.length, fault };
      }
      start = { sequence: seal.lastSequence, hash: seal.headHash };
    }
    return { start, seals: seals.length, fault: null };
  }
}
