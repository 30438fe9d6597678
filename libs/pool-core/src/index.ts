export type {
  AccountLimits,
  AccountSpec,
  HumanState,
  MachineState,
  ModelRules,
  Refusal,
  RefusalReason,
} from './account.js';
