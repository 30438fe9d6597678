export type {
  AccountBudget,
  AccountLimits,
  AccountSpec,
  HumanState,
  MachineState,
  ModelRules,
  QuotaGroup,
  Refusal,
  RefusalReason,
} from './account.js';
export { AccountPool } from './account-pool.js';
export type {
  BreakerOptions,
  CoolDownOptions,
  OutageOptions,
  PoolOptions,
  SharedLimitOptions,
} from './pool-options.js';
export type { AccountSet, Ask, CallTokens } from './ask.js';
export { mayComeToServe, nextChanceMs, reserveNow, selectAccount } from './select-account.js';
export type { Decision, Refused } from './select-account.js';
export { passes } from './passing-reasons.js';
export type { Refusals } from './refusals.js';
export type { Reservation } from './reservation.js';
export { explainSelection } from './explain-selection.js';
export type { AccountExplanation } from './explain-selection.js';
export { expireReservations, keepAlive, noteLimits, settle } from './settle.js';
export type { Outcome } from './settle.js';
export type { Transition } from './transition.js';
export { compileModelRules } from './model-rules.js';
export { benchAccount, clearMachineState, offerModels, recordProbe } from './interventions.js';
export type { TestResult } from './interventions.js';
export { dumpState, dumpStates, restoreStates } from './saved-states.js';
export type { SavedState } from './saved-states.js';
export {
  forgetProcess,
  hearNews,
  isNewsUrgent,
  splitLimits,
  takeNews,
  tellAnew,
} from './sharing/pool-news.js';
export type { QuotaNews } from './sharing/pool-news.js';
export type { QuotaStandingNews } from './quota.js';
export { dumpSpend, restoreSpend } from './saved-spend.js';
export type { SavedSpend } from './saved-spend.js';
export { accountStatuses } from './account-status.js';
export type { AccountStatus, QuotaGroupStatus, WindowStatus } from './account-status.js';
export { HeldAnswers } from './held-answers.js';
export { OutputEstimate } from './output-estimate.js';
export { pickSpread } from './pick-spread.js';
export type { PickSpread } from './pick-spread.js';
export type { Candidate, Roster, SelectionStrategy } from './scheduling/strategy.js';
export { strategyFaults } from './scheduling/strategy-contract.js';
export { entropy } from './scheduling/entropy.js';
export { weightedRoundRobin } from './scheduling/weighted-round-robin.js';
export { circular } from './scheduling/circular.js';
export { leastLoaded } from './scheduling/least-loaded.js';
export { lowestLatency } from './scheduling/lowest-latency.js';
export { lowestCost } from './scheduling/lowest-cost.js';
export { FairQueue } from './fair-queue/fair-queue.js';
export type { EndedWait, Grant, Pumped } from './fair-queue/fair-queue.js';
export type { FairQueueOptions } from './fair-queue/fair-queue-options.js';
export { placementIn } from './fair-queue/placement.js';
export type { Placement, Readiness } from './fair-queue/placement.js';
export type { WaitEnd, Waiting, WaitRequest, WaitingCaller } from './fair-queue/waiting.js';
export { whatIf } from './what-if.js';
export type { AccountChange, Forecast } from './what-if.js';
export type { Capacity } from './capacity.js';
