import { Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { RotationService, type RotationView } from '#api-keys';
import type { Page } from '#kernel';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { RotationDto, RotationPageDto } from '../api-keys/rotation.dto.js';
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
  constructor(private readonly rotations: RotationService) {}

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
}
