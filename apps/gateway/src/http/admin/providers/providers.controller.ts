import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { RoutesService } from '#ai-routing';
import { DomainError, type Page } from '#kernel';
import { ProvidersService, type Provider } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { IfMatch } from '../if-match.js';
import { PageQuery } from '../paging.dto.js';
import { CreateProviderDto, ProviderDto, ProviderPageDto, UpdateProviderDto } from './provider.dto.js';

/** Providers: kinds with a base URL, each the name of one pool. */
@AdminController('providers')
export class ProvidersController {
  constructor(
    private readonly providers: ProvidersService,
    private readonly routes: RoutesService,
  ) {}

  @Post()
  @Access('admin:write')
  @ApiCreatedResponse({ type: ProviderDto })
  create(@Body() draft: CreateProviderDto): Promise<Provider> {
    return this.providers.create(draft);
  }

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: ProviderPageDto })
  list(@Query() page: PageQuery): Page<Provider> {
    return this.providers.list(page);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: ProviderDto })
  get(@Param('id') id: string): Provider {
    return this.providers.get(id);
  }

  @Patch(':id')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: ProviderDto })
  update(
    @Param('id') id: string,
    @IfMatch() version: number,
    @Body() change: UpdateProviderDto,
  ): Promise<Provider> {
    return this.providers.update(id, version, change);
  }

  /** Refused while accounts belong to it or routes send calls to it. */
  @Delete(':id')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  async remove(@Param('id') id: string): Promise<void> {
    const { name } = this.providers.get(id);
    const [route] = await this.routes.referring(name);
    if (route !== undefined) throw new DomainError('conflict', `The route '${route}' sends calls to it.`);
    await this.providers.remove(id);
  }
}
