import type { GcpKmsSettings } from '../gateway-config.js';
import type { FaultList } from './fault-list.js';

/** Reads how to reach Google Cloud KMS. Without `GCP_KMS_KEY` variables of Google are none of ours. */
export function readGcpKms(list: FaultList): GcpKmsSettings | null {
  const key = list.optional('GCP_KMS_KEY');
  if (list.value('KEY_ENCRYPTION') === 'gcp' && list.text('GCP_KMS_KEY') === null) {
    list.keep('GCP_KMS_KEY', { fault: 'must be set where KEY_ENCRYPTION is gcp' });
  }
  if (key === null) return null;
  const path = list.optional('GOOGLE_APPLICATION_CREDENTIALS');
  const host = list.optional('GCE_METADATA_HOST') ?? 'metadata.google.internal';
  const login = path === null ? { kind: 'metadata' as const, host } : { kind: 'file' as const, path };
  return { key, endpoint: list.optional('GCP_KMS_ENDPOINT') ?? 'https://cloudkms.googleapis.com', login };
}
