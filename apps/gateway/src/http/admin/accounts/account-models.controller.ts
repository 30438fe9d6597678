import { Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { AccountModels, type AccountModelsView } from '#provider-account-pool';
import { Access } from '../access.js';
import { AdminController } from '../admin-controller.js';
import { AccountModelsDto } from './account-models.dto.js';

/** Which models an account can serve, as its provider lists them. */
@AdminController('accounts/:id/models')
export class AccountModelsController {
  constructor(private readonly models: AccountModels) {}

  @Get()
  @Access('admin:read')
  @ApiOkResponse({ type: AccountModelsDto })
  get(@Param('id') id: string): AccountModelsView {
    return this.models.get(id);
  }

  /** Asks the provider now. Models that the account was refused are tried again if they are listed. */
  @Post('refresh')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountModelsDto })
  refresh(@Param('id') id: string): Promise<AccountModelsView> {
    return this.models.refresh(id);
  }
}
