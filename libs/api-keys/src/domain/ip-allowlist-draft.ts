import { DomainError } from '#kernel';
import { addressFaults } from '../addresses/address-list.js';
import type { Fault } from './fault.js';

const dayMs = 86_400_000;
const usualReportMs = 7 * dayMs;
const longestReportMs = 90 * dayMs;

/** From where a key may be used. */
export interface IpAllowlistDraft {
  /** Up to 500 addresses and CIDRs; none: from everywhere. */
  readonly entries: readonly string[];
  /** `report`: who is on no list is counted and logged, and refused only later. */
  readonly mode: 'enforce' | 'report';
  /** When `report` turns into `enforce`: up to 90 days from now, default 7. */
  readonly reportUntil?: Date;
  /** Whether a key may lock itself out. */
  readonly force?: boolean;
}

/** @throws DomainError `invalid_request` with a fault for each field */
export function refuseFaultyAllowlist(draft: IpAllowlistDraft, nowMs: number): void {
  const faults = [...addressFaults('entries', draft.entries), ...reportFaults(draft, nowMs)];
  const [first] = faults;
  if (first === undefined) return;
  throw new DomainError('invalid_request', `${first.field} ${first.message}.`, {
    field: first.field,
    faults,
  });
}

/** The columns that a draft without faults sets. */
export const allowlistChange = (
  { entries, mode, reportUntil }: IpAllowlistDraft,
  nowMs: number,
): { ipAllowlist: string[]; ipReportUntil: Date | null } => ({
  ipAllowlist: [...entries],
  ipReportUntil: mode === 'report' ? (reportUntil ?? new Date(nowMs + usualReportMs)) : null,
});

function reportFaults({ mode, reportUntil }: IpAllowlistDraft, nowMs: number): Fault[] {
  if (mode !== 'enforce' && mode !== 'report')
    return [{ field: 'mode', message: 'must be enforce or report' }];
  if (reportUntil === undefined) return [];
  if (mode === 'enforce') return [{ field: 'reportUntil', message: 'goes with the mode report alone' }];
  const atMs = reportUntil.getTime();
  return atMs > nowMs && atMs <= nowMs + longestReportMs
    ? []
    : [{ field: 'reportUntil', message: 'must be a time within the next 90 days' }];
}
