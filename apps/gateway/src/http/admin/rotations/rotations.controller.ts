import { Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { RotationClaims, RotationService, type KeyChanger, type RotationView } from '#api-keys';
import type { Page } from '#kernel';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { Changer } from '../api-keys/changer.js';
import { ClaimTokenDto, RotationDto, RotationPageDto } from '../api-keys/rotation.dto.js';
import { PageQuery } from '../paging.dto.js';

/** Which rotations are wanted. */
export class RotationQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Of one API key' })
  @IsOptional()
  @IsString()
  resourceId?: string;
}

/** What rotations there were, the newest first. */
@AdminController('rotations')
export class RotationsController {
  constructor(
    private readonly rotations: RotationService,
    private readonly claims: RotationClaims,
  ) {}

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: RotationPageDto })
  list(@Query() { resourceId, ...page }: RotationQuery): Promise<Page<RotationView>> {
    return this.rotations.list(page, resourceId);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: RotationDto })
  get(@Param('id') id: string): Promise<RotationView> {
    return this.rotations.get(id);
  }

  /**
   * Makes the token by which the new secret may be claimed at `POST /claims`, once; shown this once, and good until another is made.
   * Give it to who uses the key.
   */
  @Post(':id/claim-token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access('admin:write')
  @ApiOkResponse({ type: ClaimTokenDto })
  async offer(@Param('id') id: string, @Changer() by: KeyChanger): Promise<ClaimTokenDto> {
    const { claimToken, expiresAt } = await this.claims.offer(id, by);
    return { claimToken: claimToken.reveal(), expiresAt };
  }

  /** Delivers at once what waits for its next try; where a rotation failed or was aborted, another begins within seconds. */
  @Post(':id/retry')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: RotationDto })
  retry(@Param('id') id: string): Promise<RotationView> {
    return this.claims.retry(id);
  }

  /** Calls a rotation off that nobody has the new secret of: that is refused, the one in use goes on. */
  @Post(':id/abort')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: RotationDto })
  abort(@Param('id') id: string): Promise<RotationView> {
    return this.claims.abort(id);
  }
}
