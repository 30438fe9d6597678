import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { Secret, type Page } from '#kernel';
import {
  AccountSearch,
  AccountsService,
  type AccountSearchResult,
  type AccountView,
  type TimelineEvent,
} from '#provider-account-pool';
import { Access } from '../access.js';
import { Actor } from '../actor.js';
import { AdminController } from '../admin-controller.js';
import { IfMatch } from '../if-match.js';
import { PageQuery } from '../paging.dto.js';
import { AccountSearchDto, SearchAccountDto } from './account-search.dto.js';
import { AccountQuery } from './account-query.dto.js';
import { AccountDto, AccountPageDto } from './account-view.dto.js';
import { CreateAccountDto, UpdateAccountDto } from './account.dto.js';
import { TimelinePageDto } from './timeline.dto.js';

/** Provider accounts: what calls are spread over. */
@AdminController('accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly finder: AccountSearch,
  ) {}

  /** For a known kind of provider that has no row yet, the row is made with defaults. */
  @Post()
  @Access('admin:write')
  @ApiCreatedResponse({ type: AccountDto })
  create(@Body() draft: CreateAccountDto, @Actor() actor: string): Promise<AccountView> {
    return this.accounts.create(draft, actor);
  }

  /**
   * Finds the accounts that a leaked provider key belongs to, so that they can be taken out at once. Every credential is compared:
   * in use, staged, revoked, or of the environment. The search is an event of the audit log.
   */
  @Post('search')
  @HttpCode(200)
  @Access('admin:read')
  @ApiOkResponse({ type: AccountSearchDto })
  search(@Body() { credential }: SearchAccountDto): Promise<AccountSearchResult> {
    return this.finder.find(new Secret(credential.trim()));
  }

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: AccountPageDto })
  list(@Query() { limit, cursor, ...filter }: AccountQuery): Page<AccountView> {
    return this.accounts.list({ limit, cursor }, filter);
  }

  @Get(':id')
  @Access('admin:read')
  @ApiOkResponse({ type: AccountDto })
  get(@Param('id') id: string): AccountView {
    return this.accounts.get(id);
  }

  @Patch(':id')
  @Access('admin:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The version the change is based on' })
  @ApiOkResponse({ type: AccountDto })
  update(
    @Param('id') id: string,
    @IfMatch() version: number,
    @Body() change: UpdateAccountDto,
    @Actor() actor: string,
  ): Promise<AccountView> {
    return this.accounts.update(id, version, change, actor);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin:write')
  @ApiNoContentResponse()
  remove(@Param('id') id: string): Promise<void> {
    return this.accounts.remove(id);
  }

  /** What happened to the account, newest first: what people did, and each move of the machine with its rule. */
  @Get(':id/timeline')
  @Access('admin:read')
  @ApiOkResponse({ type: TimelinePageDto })
  timeline(@Param('id') id: string, @Query() page: PageQuery): Promise<Page<TimelineEvent>> {
    return this.accounts.timeline(id, page);
  }
}
