import { AccountControlController } from './admin/accounts/account-control.controller.js';
import { AccountModelsController } from './admin/accounts/account-models.controller.js';
import { AccountsController } from './admin/accounts/accounts.controller.js';
import { ApiKeysController } from './admin/api-keys/api-keys.controller.js';
import { AuditController } from './admin/audit/audit.controller.js';
import { EncryptionController } from './admin/encryption/encryption.controller.js';
import { FailureRulesController } from './admin/failure-rules/failure-rules.controller.js';
import { IdempotentAnswers } from './admin/idempotency/idempotent-answers.js';
import { ModelExplainer } from './admin/pools/model-explainer.js';
import { PoolsController } from './admin/pools/pools.controller.js';
import { RotationPoliciesController } from './admin/rotation-policies/rotation-policies.controller.js';
import { RotationsController } from './admin/rotations/rotations.controller.js';
import { ProvidersController } from './admin/providers/providers.controller.js';
import { QuotaGroupsController } from './admin/quota-groups/quota-groups.controller.js';
import { RoutesController } from './admin/routes/routes.controller.js';
import { UsageController } from './admin/usage/usage.controller.js';
import { Authentication } from './authentication.js';
import { ClientAddresses } from './client-addresses.js';
import { ClaimsController } from './claims/claims.controller.js';
import { FailedKeys } from './failed-keys.js';
import { AnswerWriter } from './data-plane/answer-writer.js';
import { CallMetrics } from './data-plane/call-metrics.js';
import { CallRefusals } from './data-plane/call-refusals.js';
import { DataPlane } from './data-plane/data-plane.js';
import { ModelsController } from './data-plane/models.controller.js';
import { GeminiUploads } from './data-plane/objects/gemini-uploads.js';
import { UploadAddresses } from './data-plane/objects/upload-addresses.js';
import { KeptResponses } from './data-plane/objects/kept-responses.js';
import { CachedContents } from './data-plane/objects/cached-contents.js';
import { ObjectBindings } from './data-plane/objects/object-bindings.js';
import { ObjectLedger } from './data-plane/objects/object-ledger.js';
import { ObjectPlaces } from './data-plane/objects/object-places.js';
import { ObjectPlane } from './data-plane/objects/object-plane.js';
import { ObjectRefresh } from './data-plane/objects/object-refresh.js';
import { ObjectService } from './data-plane/objects/object-service.js';
import { OpenCalls } from './data-plane/open-calls.js';
import { OperationsController } from './operations/operations.controller.js';
import { Readiness } from './operations/readiness.js';

/** Everything that answers HTTP besides the calls of the data plane. */
export const httpControllers = [
  ModelsController,
  OperationsController,
  ProvidersController,
  FailureRulesController,
  QuotaGroupsController,
  AccountsController,
  AccountControlController,
  AccountModelsController,
  RoutesController,
  ApiKeysController,
  RotationPoliciesController,
  RotationsController,
  ClaimsController,
  UsageController,
  PoolsController,
  AuditController,
  EncryptionController,
] as const;

/** What the controllers share. */
export const httpProviders = [
  IdempotentAnswers,
  ClientAddresses,
  FailedKeys,
  Authentication,
  DataPlane,
  AnswerWriter,
  ObjectBindings,
  ObjectPlaces,
  ObjectLedger,
  ObjectRefresh,
  CachedContents,
  UploadAddresses,
  GeminiUploads,
  ObjectService,
  ObjectPlane,
  KeptResponses,
  CallMetrics,
  CallRefusals,
  OpenCalls,
  Readiness,
  ModelExplainer,
] as const;
