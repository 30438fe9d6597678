import { Body, Controller, Header, HttpCode, Post, Req, Res, UseGuards, UsePipes } from '@nestjs/common';
import { ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RotationClaims } from '#api-keys';
import { AccessJournal, auditedAs, type AuditOrigin } from '#audit';
import { DomainError, Secret } from '#kernel';
import { AdminThrottleGuard } from '../admin/admin-throttle.guard.js';
import { addressOf } from '../admin/audit/origin-of.js';
import { ProblemDto } from '../admin/problem.dto.js';
import { adminValidation } from '../admin/validation.js';
import { ClaimDto, ClaimedDto } from './claim.dto.js';

/** Of one address within a minute: enough for who has a token, nothing for who has none. */
const claimsPerMinute = 30;

/** Hands new secrets over to who presents the token. Needs no API key: the token is one. */
@ApiTags('claims')
@Controller('claims')
@UseGuards(AdminThrottleGuard)
@UsePipes(adminValidation)
export class ClaimsController {
  constructor(
    private readonly claims: RotationClaims,
    private readonly journal: AccessJournal,
  ) {}

  /** Gives the new secret of an API key, once. The older one ends at `previousValidUntil`. */
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Throttle({ default: { limit: claimsPerMinute, ttl: 60_000 } })
  @ApiOkResponse({ type: ClaimedDto })
  @ApiResponse({ status: 404, type: ProblemDto, description: 'The token is wrong, used or expired' })
  @ApiResponse({ status: '4XX', type: ProblemDto, description: 'The request is at fault' })
  @ApiResponse({ status: '5XX', type: ProblemDto, description: 'The gateway is at fault' })
  async claim(
    @Body() { token }: ClaimDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClaimedDto> {
    void reply.header('x-request-id', request.id);
    try {
      const claimed = await auditedAs(claimant(request), () => this.claims.claim(new Secret(token)));
      return { ...claimed, secret: claimed.secret.reveal() };
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not_found')
        this.journal.denied('claim_refused', null, addressOf(request));
      throw error;
    }
  }
}

const claimant = (request: FastifyRequest): AuditOrigin => ({
  actor: { kind: 'unknown', id: null },
  ip: addressOf(request),
  requestId: request.id,
  correlationId: null,
});
