export { startSimulator } from './start-simulator.js';
export type { Simulator, SimulatorOptions } from './start-simulator.js';
export { ScenarioFault } from './scenario/read-scenario.js';
export type { KeyAtProvider, Revocation } from './scenario/read-scenario.js';
export type { Fault, FaultEffect, FaultTarget, FaultTiming } from './scenario/fault.js';
export type { LimitsSpec } from './scenario/limits.js';
export type {
  DialectName,
  KeySpec,
  Latency,
  OrganisationSpec,
  OutputSpec,
  PriceSpec,
  PromptCacheSpec,
  ProviderSpec,
  Scenario,
} from './scenario/scenario.js';
export type { CallRecord, LastRequest, ProviderReport, Report } from './witness/report.js';
export type { Tally } from './witness/tally.js';
