export { AuditModule } from './audit.module.js';
export type { AuditOptions } from './audit.options.js';
export { AuditTrail } from './audit-trail.js';
export type { AuditTransaction } from './audit-trail.js';
export { auditActions } from './audit-actions.js';
export type { AuditAction } from './audit-actions.js';
export type {
  AuditActor,
  AuditDraft,
  AuditEvent,
  AuditFields,
  AuditOrigin,
  AuditOutcome,
} from './audit-event.js';
export type { AuditFilter } from './audit-filter.js';
export { auditedAs } from './audit-origin.js';
export { changesOf } from './domain/changes-of.js';
export { AuditLog } from './audit-log.js';
export { AuditVerifier } from './audit-verifier.js';
export type { Verification } from './audit-verifier.js';
export { AuditExporter } from './export/audit-exporter.js';
export type { AuditExport } from './export/audit-exporter.js';
export type { Manifest } from './export/manifest.js';
export type { ExportFormat } from './export/rendering.js';
export { AccessJournal } from './access-journal.js';
export { AuditRetention } from './retention/audit-retention.js';
export { CheckpointWriter } from './checkpoints/checkpoint-writer.js';
export { readCheckpoints } from './checkpoints/checkpoint-file.js';
export { PublicKeys } from './checkpoints/public-keys.js';
export type { SignatureCheck } from './checkpoints/public-keys.js';
export { FileVerifier } from './files/file-verifier.js';
export type { FileVerification } from './files/file-verifier.js';
export { SigningKeys } from './checkpoints/signing-keys.js';
