import { Body, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { AccountControl, type AccountView, type ProbeReport } from '#provider-account-pool';
import { Access } from '../access.js';
import { Actor } from '../actor.js';
import { AdminController } from '../admin-controller.js';
import { AccountDto, AccountTestDto } from './account-view.dto.js';
import { PauseDto, ReasonDto } from './account.dto.js';

/** What people do with an account besides configuring it; in force at once. */
@AdminController('accounts/:id')
export class AccountControlController {
  constructor(private readonly control: AccountControl) {}

  @Post('enable')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountDto })
  enable(@Param('id') id: string, @Actor() actor: string): Promise<AccountView> {
    return this.control.enable(id, actor);
  }

  @Post('disable')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountDto })
  disable(
    @Param('id') id: string,
    @Body() { reason }: ReasonDto,
    @Actor() actor: string,
  ): Promise<AccountView> {
    return this.control.disable(id, reason, actor);
  }

  @Post('pause')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountDto })
  pause(
    @Param('id') id: string,
    @Body() { until, forSeconds, reason }: PauseDto,
    @Actor() actor: string,
  ): Promise<AccountView> {
    return this.control.pause(id, { until, forSeconds }, reason ?? null, actor);
  }

  /** Takes a leaked key out for good: the account can never be enabled again. */
  @Post('compromised')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountDto })
  markCompromised(
    @Param('id') id: string,
    @Body() { reason }: ReasonDto,
    @Actor() actor: string,
  ): Promise<AccountView> {
    return this.control.markCompromised(id, reason, actor);
  }

  /** Makes the provider's cheapest call with the account's key; a pass brings the account back. */
  @Post('test')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountTestDto })
  test(@Param('id') id: string, @Actor() actor: string): Promise<ProbeReport> {
    return this.control.test(id, actor);
  }

  @Post('clear-cooldown')
  @HttpCode(200)
  @Access('admin:operate')
  @ApiOkResponse({ type: AccountDto })
  clearCooldown(@Param('id') id: string, @Actor() actor: string): Promise<AccountView> {
    return this.control.clearCooldown(id, actor);
  }
}
