import type { INestApplicationContext } from '@nestjs/common';
import { AuditLog, AuditRetention, AuditVerifier, SigningKeys } from '#audit';
import { Secret } from '#kernel';

/** What a command says, and whether things are as they should be. */
export interface CommandAnswer {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/** Does one thing with the audit log. */
export interface AuditCommand {
  readonly does: string;
  /** @param input the standard input, read when it is asked for */
  run(app: INestApplicationContext, input: () => Promise<string>): Promise<CommandAnswer>;
}

const fileUsage =
  '--file <archive> [--file <next> ...] [--manifest <of one file>] [--checkpoints <file>] [--public-keys <file>]';

/** The commands by name. */
export const commands: Readonly<Record<string, AuditCommand>> = {
  verify: {
    does: `reads the whole log and says whether anybody touched it; with ${fileUsage} it checks files, without any database`,
    async run(app) {
      const found = await app.get(AuditVerifier).verify();
      return { lines: [JSON.stringify(found)], ok: found.ok };
    },
  },
  'find-secret': {
    does: 'reads a leaked secret from standard input and lists its events, one a line; status 1 when there is none',
    async run(app, input) {
      const text = (await input()).trim();
      if (text === '') return { lines: ['Send the secret to standard input.'], ok: false };
      const events = await app.get(AuditLog).findSecret(new Secret(text));
      return { lines: events.map((event) => JSON.stringify(event)), ok: events.length > 0 };
    },
  },
  archive: {
    does: 'archives, seals and drops the months that AUDIT_RETENTION_MONTHS does not keep',
    async run(app) {
      return { lines: await app.get(AuditRetention).run(), ok: true };
    },
  },
  'public-key': {
    does: 'prints the keys by which checkpoints, seals and manifests are checked',
    async run(app) {
      const keys = [...app.get(SigningKeys).publicKeys()];
      return { lines: keys.map(([id, pem]) => `# ${id}\n${pem.trim()}`), ok: true };
    },
  },
};
