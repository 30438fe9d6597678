import { Body, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { ApiKeysService, RotationService, type ApiKeyView, type KeyChanger } from '#api-keys';
import { Secret, type Page } from '#kernel';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { IfMatch } from '../if-match.js';
import { PageQuery } from '../paging.dto.js';
import {
  ApiKeyDto,
  ApiKeyPageDto,
  CreateApiKeyDto,
  CreatedApiKeyDto,
  IpAllowlistDto,
  SearchApiKeyDto,
  UpdateApiKeyDto,
} from './api-key.dto.js';
import { Changer } from './changer.js';
import { RotateDto, RotatedDto } from './rotation.dto.js';

/** System API keys: what callers and admins present. */
@AdminController('api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly rotations: RotationService,
  ) {}

  /** The answer holds the secret, which is kept nowhere and cannot be shown again. */
  @Post()
  @Access('admin:write')
  @ApiCreatedResponse({ type: CreatedApiKeyDto })
  async create(
    @Body() draft: CreateApiKeyDto,
    @Changer() by: KeyChanger,
  ): Promise<ApiKeyView & { secret: string }> {
    const { key, secret } = await this.keys.create(draft, by);
    return { ...key, secret: secret.reveal() };
  }

  /** Finds the key that is presented by a secret, for example one that was found where it should not be. */
  @Post('search')
  @HttpCode(200)
  @Access('admin:read')
  @ApiOkResponse({ type: ApiKeyDto })
  search(@Body() { key }: SearchApiKeyDto): Promise<ApiKeyView> {
    return this.keys.find(new Secret(key));
  }

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: ApiKeyPageDto })
  list(@Query() page: PageQuery): Promise<Page<ApiKeyView>> {
    return this.keys.list(page);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: ApiKeyDto })
  get(@Param('id') id: string): Promise<ApiKeyView> {
    return this.keys.get(id);
  }

  @Patch(':id')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: ApiKeyDto })
  update(
    @Param('id') id: string,
    @IfMatch() version: number,
    @Body() change: UpdateApiKeyDto,
    @Changer() by: KeyChanger,
  ): Promise<ApiKeyView> {
    return this.keys.update(id, version, change, by);
  }

  /** Says from where the key may be used. Calls from elsewhere are refused, or in the mode `report` only counted. */
  @Put(':id/ip-allowlist')
  @Access('admin:write')
  @ApiOkResponse({ type: ApiKeyDto })
  restrictAddresses(
    @Param('id') id: string,
    @Body() draft: IpAllowlistDto,
    @Changer() by: KeyChanger,
  ): Promise<ApiKeyView> {
    return this.keys.restrictAddresses(id, draft, by);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  remove(@Param('id') id: string): Promise<void> {
    return this.keys.remove(id);
  }

  /**
   * Gives the key a new secret, which is shown this once. The one in use goes on for the grace, never longer than the key. Sent
   * again with the same Idempotency-Key it makes no other.
   */
  @Post(':id/rotate')
  @HttpCode(200)
  @Access('admin:write')
  @ApiOkResponse({ type: RotatedDto })
  async rotate(
    @Param('id') id: string,
    @Body() draft: RotateDto,
    @Changer() by: KeyChanger,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<RotatedDto> {
    const { secret, ...rotated } = await this.rotations.rotate(id, { ...draft, idempotencyKey }, by);
    return { ...rotated, secret: secret?.reveal() ?? null };
  }

  /** Refuses the key for good. */
  @Post(':id/revoke')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: ApiKeyDto })
  revoke(@Param('id') id: string): Promise<ApiKeyView> {
    return this.keys.revoke(id);
  }

  /** Refuses the key until it is enabled again. */
  @Post(':id/disable')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: ApiKeyDto })
  disable(@Param('id') id: string): Promise<ApiKeyView> {
    return this.keys.disable(id);
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: ApiKeyDto })
  enable(@Param('id') id: string): Promise<ApiKeyView> {
    return this.keys.enable(id);
  }
}
