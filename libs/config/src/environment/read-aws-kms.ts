import type { AwsKmsSettings } from '../gateway-config.js';
import type { FaultList } from './fault-list.js';

/** Reads how to reach AWS KMS. Other programs have `AWS_*` variables too: without `AWS_KMS_KEY` they are none of ours. */
export function readAwsKms(list: FaultList): AwsKmsSettings | null {
  const key = list.optional('AWS_KMS_KEY');
  if (list.value('KEY_ENCRYPTION') === 'aws' && list.text('AWS_KMS_KEY') === null) {
    list.keep('AWS_KMS_KEY', { fault: 'must be set where KEY_ENCRYPTION is aws' });
  }
  if (key === null) return null;
  const region = list.text('AWS_REGION') === null ? regionOf(key) : list.optional('AWS_REGION');
  if (list.text('AWS_REGION') === null && region === null) {
    list.keep('AWS_REGION', { fault: 'must be set where AWS_KMS_KEY is no ARN' });
  }
  const accessKeyId = list.optional('AWS_ACCESS_KEY_ID');
  const secretAccessKey = list.optional('AWS_SECRET_ACCESS_KEY');
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const) {
    if (list.text(name) === null) list.keep(name, { fault: 'must be set where AWS_KMS_KEY is' });
  }
  const sessionToken = list.optional('AWS_SESSION_TOKEN');
  const endpoint = list.optional('AWS_KMS_ENDPOINT') ?? `https://kms.${region}.${domainOf(region)}`;
  if (region === null || accessKeyId === null || secretAccessKey === null) return null;
  return { key, region, endpoint, accessKey: { accessKeyId, secretAccessKey, sessionToken } };
}

const regionOf = (key: string): string | null => /^arn:[^:]+:kms:([^:]+):/.exec(key)?.[1] ?? null;

const domainOf = (region: string | null): string =>
  region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com';
