import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import type { Page } from '#kernel';
import { QuotaGroupsService, type QuotaGroupView } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { IfMatch } from '../if-match.js';
import {
  CreateQuotaGroupDto,
  QuotaGroupDto,
  QuotaGroupPageDto,
  QuotaGroupQuery,
  UpdateQuotaGroupDto,
} from './quota-group.dto.js';

/** Quota groups: limits that several accounts of one provider share. */
@AdminController('quota-groups')
export class QuotaGroupsController {
  constructor(private readonly groups: QuotaGroupsService) {}

  @Post()
  @Access('admin:write')
  @ApiCreatedResponse({ type: QuotaGroupDto })
  create(@Body() draft: CreateQuotaGroupDto): Promise<QuotaGroupView> {
    return this.groups.create(draft);
  }

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: QuotaGroupPageDto })
  list(@Query() { limit, cursor, provider }: QuotaGroupQuery): Page<QuotaGroupView> {
    return this.groups.list({ limit, cursor }, provider);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: QuotaGroupDto })
  get(@Param('id') id: string): QuotaGroupView {
    return this.groups.get(id);
  }

  @Patch(':id')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: QuotaGroupDto })
  update(
    @Param('id') id: string,
    @IfMatch() version: number,
    @Body() change: UpdateQuotaGroupDto,
  ): Promise<QuotaGroupView> {
    return this.groups.update(id, version, change);
  }

  /** Refused while accounts belong to it. */
  @Delete(':id')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  remove(@Param('id') id: string): Promise<void> {
    return this.groups.remove(id);
  }
}
