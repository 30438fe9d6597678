export type { Lease, LeaseDecision, LeaseOutcome, LeaseRequest, PoolRefusal } from './contract/lease.js';
