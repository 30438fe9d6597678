import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { RotationPolicies, type KeyChanger, type RotationPolicyView, type WrittenPolicy } from '#api-keys';
import type { Page } from '#kernel';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { Changer } from '../api-keys/changer.js';
import { IfMatch } from '../if-match.js';
import { PageQuery } from '../paging.dto.js';
import {
  CreateRotationPolicyDto,
  RotationPolicyDto,
  RotationPolicyPageDto,
  UpdateRotationPolicyDto,
  WrittenRotationPolicyDto,
} from './rotation-policy.dto.js';

/** Policies by which API keys are given new secrets by a timetable. */
@AdminController('rotation-policies')
export class RotationPoliciesController {
  constructor(private readonly policies: RotationPolicies) {}

  /** Whoever makes a policy must be allowed all that the keys under it are. The answer of a webhook policy holds its signing secret. */
  @Post()
  @Access('admin:write')
  @ApiCreatedResponse({ type: WrittenRotationPolicyDto })
  async create(
    @Body() draft: CreateRotationPolicyDto,
    @Changer() by: KeyChanger,
  ): Promise<WrittenRotationPolicy> {
    return written(await this.policies.create(draft, by));
  }

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: RotationPolicyPageDto })
  list(@Query() page: PageQuery): Promise<Page<RotationPolicyView>> {
    return this.policies.list(page);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: RotationPolicyDto })
  get(@Param('id') id: string): Promise<RotationPolicyView> {
    return this.policies.get(id);
  }

  /** Whoever changes a policy answers for it from then on. A delivery that is given gets another signing secret. */
  @Patch(':id')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: WrittenRotationPolicyDto })
  async update(
    @Param('id') id: string,
    @IfMatch() version: number,
    @Body() change: UpdateRotationPolicyDto,
    @Changer() by: KeyChanger,
  ): Promise<WrittenRotationPolicy> {
    return written(await this.policies.update(id, version, change, by));
  }

  /** Refused while keys are under it or are being rotated by it. */
  @Delete(':id')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  remove(@Param('id') id: string): Promise<void> {
    return this.policies.remove(id);
  }
}

type WrittenRotationPolicy = RotationPolicyView & { readonly signingSecret: string | null };

const written = ({ policy, signingSecret }: WrittenPolicy): WrittenRotationPolicy => ({
  ...policy,
  signingSecret: signingSecret?.reveal() ?? null,
});
