import { applyDecorators, Controller, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AdminThrottleGuard } from './admin-throttle.guard.js';
import { AuditedInterceptor } from './audit/audited.interceptor.js';
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.js';
import { ProblemDto } from './problem.dto.js';
import { adminValidation } from './validation.js';

/** What every admin controller shares: its place below `/admin/v1`, throttling, whose request it is for the audit log, idempotency keys, validation, problem+json errors. */
export function AdminController(path: string, resource = path.split('/', 1)[0] ?? path): ClassDecorator {
  return applyDecorators(
    Controller(`admin/v1/${path}`),
    UseGuards(AdminThrottleGuard),
    UseInterceptors(AuditedInterceptor, IdempotencyInterceptor),
    UsePipes(adminValidation),
    ApiTags(resource),
    ApiBearerAuth(),
    ApiResponse({ status: '4XX', type: ProblemDto, description: 'The request is at fault' }),
    ApiResponse({ status: '5XX', type: ProblemDto, description: 'The gateway is at fault' }),
  );
}
