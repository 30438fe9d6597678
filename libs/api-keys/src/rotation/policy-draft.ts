import { DomainError } from '#kernel';
import { isText, type Fault } from '../domain/fault.js';
import type { WebhookSender } from './webhook-sender.js';

/** How a new secret reaches who uses the key. */
export type Delivery =
  | {
      readonly kind: 'claim';
      /** How long it may be claimed, 60 s to 30 days. */
      readonly claimSeconds: number;
    }
  | {
      readonly kind: 'webhook';
      readonly url: string;
      /** Whether the receiver may have a private address, and be reached without TLS. */
      readonly privateHosts: 'allow' | 'deny';
    };

/** A delivery as people say it. */
export interface DeliveryDraft {
  readonly kind: 'claim' | 'webhook';
  /** Of a claim: 60 s to 30 days, default 7 days. */
  readonly claimSeconds?: number;
  /** Of a webhook: `https://…`, up to 2,000 characters. */
  readonly url?: string;
  /** Of a webhook: default `deny`. */
  readonly privateHosts?: 'allow' | 'deny';
}

/** What can be said about a policy. */
export interface PolicyDraft {
  /** 1 to 200 characters, unique. */
  readonly name: string;
  /** What is rotated: ids of up to 500 system keys. */
  readonly target: { readonly kind: 'api_key' | 'account'; readonly ids: readonly string[] };
  /** The age a secret has at most, 1 to 730 days. */
  readonly everyDays: number;
  /** Within how many hours before that age keys begin, spread evenly: 0 to 168 and at most half of the age; default 24 or that half. */
  readonly windowHours?: number;
  /** How long an older secret goes on once the new one was handed over: 0 to 90 days, default 1 day. */
  readonly graceSeconds?: number;
  /** Ends the older secret that long after the rotation began, whether the new one was handed over or not. Default `false`. */
  readonly hardDeadline?: boolean;
  /** How many days before to warn; up to 10 numbers from 1 to 365, default 7, 3, 1. */
  readonly warnDays?: readonly number[];
  readonly delivery: DeliveryDraft;
}

/** A policy that says everything. */
export type Policy = Required<Omit<PolicyDraft, 'target' | 'delivery'>> & { readonly delivery: Delivery };

const mostTargets = 500;
const mostWarnings = 10;
const longestUrl = 2_000;
const day = 86_400;
const bounds = {
  everyDays: [1, 730],
  windowHours: [0, 168],
  graceSeconds: [0, 90 * day],
} as const;
const claimBounds = [60, 30 * day] as const;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Fills in what a draft leaves out.
 *
 * @param current what stays as it is
 * @throws DomainError `invalid_request` with a fault for each field
 */
export function completePolicy(
  draft: Partial<PolicyDraft>,
  current: Policy | null,
  sender: Pick<WebhookSender, 'faultOf'>,
): Policy {
  const { everyDays = 0 } = { ...current, ...withoutUndefined(draft) };
  const policy = {
    name: '',
    windowHours: Math.min(24, everyDays * 12),
    graceSeconds: day,
    hardDeadline: false,
    warnDays: [7, 3, 1],
    ...current,
    ...withoutUndefined(draft),
    everyDays,
  };
  const delivery = draft.delivery === undefined ? current?.delivery : completeDelivery(draft.delivery);
  refuse([...targetFaults(draft.target), ...policyFaults(policy), ...deliveryFaults(delivery, sender)]);
  const { name, windowHours, graceSeconds, hardDeadline } = policy;
  const warnDays = [...new Set(policy.warnDays)].sort((a, b) => b - a);
  return {
    name,
    everyDays,
    windowHours,
    graceSeconds,
    hardDeadline,
    warnDays,
    delivery: delivery as Delivery,
  };
}

const withoutUndefined = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

function completeDelivery({ kind, claimSeconds, url, privateHosts }: DeliveryDraft): Delivery | undefined {
  if (kind === 'claim' && url === undefined && privateHosts === undefined)
    return { kind, claimSeconds: claimSeconds ?? 7 * day };
  if (kind === 'webhook' && url !== undefined && claimSeconds === undefined)
    return { kind, url, privateHosts: privateHosts ?? 'deny' };
  return undefined;
}

function targetFaults(target: PolicyDraft['target'] | undefined): Fault[] {
  if (target === undefined) return [];
  if (target.kind !== 'api_key')
    return [
      { field: 'target.kind', message: "must be 'api_key': other things are not rotated by a timetable yet" },
    ];
  const { ids } = target;
  const areIds = Array.isArray(ids) && ids.length <= mostTargets && ids.every((id) => uuid.test(String(id)));
  return areIds
    ? []
    : [{ field: 'target.ids', message: `must be a list of at most ${mostTargets} ids of API keys` }];
}

function policyFaults(policy: Omit<Policy, 'delivery'>): Fault[] {
  const faults: Fault[] = isText(policy.name)
    ? []
    : [{ field: 'name', message: 'must have 1 to 200 printable characters' }];
  for (const field of ['everyDays', 'windowHours', 'graceSeconds'] as const) {
    const [least, most] = bounds[field];
    if (!isWhole(policy[field], least, most))
      faults.push({ field, message: `must be a whole number from ${least} to ${most}` });
  }
  if (policy.windowHours > policy.everyDays * 12)
    faults.push({ field: 'windowHours', message: 'must be at most half of everyDays' });
  if (typeof policy.hardDeadline !== 'boolean')
    faults.push({ field: 'hardDeadline', message: 'must be true or false' });
  const { warnDays } = policy;
  if (
    !Array.isArray(warnDays) ||
    warnDays.length > mostWarnings ||
    !warnDays.every((days) => isWhole(days, 1, 365))
  )
    faults.push({
      field: 'warnDays',
      message: `must be a list of at most ${mostWarnings} whole numbers from 1 to 365`,
    });
  return faults;
}

function deliveryFaults(delivery: Delivery | undefined, sender: Pick<WebhookSender, 'faultOf'>): Fault[] {
  if (delivery === undefined) {
    const message = "must be {kind: 'claim', claimSeconds?} or {kind: 'webhook', url, privateHosts?}";
    return [{ field: 'delivery', message }];
  }
  if (delivery.kind === 'claim') {
    const [least, most] = claimBounds;
    if (isWhole(delivery.claimSeconds, least, most)) return [];
    return [{ field: 'delivery.claimSeconds', message: `must be a whole number from ${least} to ${most}` }];
  }
  if (delivery.privateHosts !== 'allow' && delivery.privateHosts !== 'deny')
    return [{ field: 'delivery.privateHosts', message: "must be 'allow' or 'deny'" }];
  const message = urlFault(delivery, sender);
  return message === null ? [] : [{ field: 'delivery.url', message }];
}

function urlFault(
  { url: text, privateHosts }: Extract<Delivery, { kind: 'webhook' }>,
  sender: Pick<WebhookSender, 'faultOf'>,
): string | null {
  const url = typeof text === 'string' && text.length <= longestUrl ? URL.parse(text) : null;
  const protocols = privateHosts === 'allow' ? ['https:', 'http:'] : ['https:'];
  if (url === null || !protocols.includes(url.protocol))
    return `must be a URL of at most ${longestUrl} characters that begins with https://`;
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must have neither a user nor a #';
  return sender.faultOf(url, privateHosts);
}

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

function refuse(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  const message = `${first.field} ${first.message}${more}.`;
  throw new DomainError('invalid_request', message, { field: first.field, faults });
}
